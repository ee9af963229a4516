using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class OperationSignalTests : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly ManualTime _time = new();
    private readonly StoreClock _clock;
    private readonly LiveOptions _options;
    private readonly OperationSignal _signal;

    public OperationSignalTests()
    {
        _clock = new StoreClock(_time, NullLogger<StoreClock>.Instance);
        _options = new LiveOptions(
            new OptionsFactory<WebhooksOptions>([new ConfigureOptions<WebhooksOptions>(options => options.PollInterval = Poll)], []),
            [],
            NullLogger<LiveOptions>.Instance);
        _signal = new OperationSignal(_clock, _options);
    }

    public void Dispose()
    {
        _signal.Dispose();
        _options.Dispose();
    }

    [Fact]
    public async Task A_claim_that_finds_an_operation_due_wakes()
    {
        var awake = WaitAsync();
        _signal.Expect(_clock.Now + 1);
        await WaitsAsync(awake);
        _signal.Expect(_clock.Now);
        await awake.WaitAsync(Enough, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task As_long_as_claims_tell_of_nothing_that_is_due_nothing_is_looked_for_and_ten_polls_after_the_last_one_it_is()
    {
        var awake = WaitAsync();
        for (var poll = 0; poll < 25; poll++)
        {
            _time.Advance(Poll);

            // None, or those of nodes that renew their leases.
            _signal.Expect(poll % 2 == 0 ? null : _clock.Now + 5000);
        }

        _time.Advance((10 * Poll) - TimeSpan.FromMilliseconds(1));
        await WaitsAsync(awake);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await awake.WaitAsync(Enough, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Where_no_claim_tells_anything_it_is_looked_every_ten_polls()
    {
        for (var look = 0; look < 3; look++)
        {
            var awake = WaitAsync();
            _time.Advance((10 * Poll) - TimeSpan.FromMilliseconds(1));
            await WaitsAsync(awake);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await awake.WaitAsync(Enough, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_step_is_not_put_off_by_claims_and_while_it_is_done_they_wake_for_no_other()
    {
        var awake = WaitAsync(_clock.Now + 500);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        _signal.Expect(null);
        await WaitsAsync(awake);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await awake.WaitAsync(Enough, TestContext.Current.CancellationToken);

        _signal.Expect(_clock.Now + 30_000);
        await WaitsAsync(WaitAsync());
    }

    [Fact]
    public async Task An_operation_that_was_started_while_nobody_waited_is_not_missed()
    {
        _signal.Wake();
        await WaitAsync().WaitAsync(Enough, TestContext.Current.CancellationToken);
    }

    /// <summary>Who was woken goes on a moment later.</summary>
    private static async Task WaitsAsync(Task awake) =>
        Assert.NotSame(awake, await Task.WhenAny(awake, Task.Delay(Moment, TestContext.Current.CancellationToken)));

    private Task WaitAsync(long? stepAt = null) => _signal.WaitUntilAsync(stepAt, TestContext.Current.CancellationToken);
}
