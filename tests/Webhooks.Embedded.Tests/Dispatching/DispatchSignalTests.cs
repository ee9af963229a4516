using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class DispatchSignalTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly StoreClock _clock;
    private readonly DispatchSignal _signal;

    public DispatchSignalTests()
    {
        _clock = new StoreClock(_time, NullLogger<StoreClock>.Instance);
        _signal = new DispatchSignal(_clock);
    }

    public void Dispose() => _signal.Dispose();

    [Fact]
    public async Task It_wakes_at_the_earliest_time_that_was_named()
    {
        _signal.WakeAt(_clock.Now + 5000);
        _signal.WakeAt(_clock.Now + 1000);
        _signal.WakeAt(_clock.Now + 3000);
        var awake = _signal.WaitAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(awake.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await awake;
    }

    [Fact]
    public async Task What_is_due_already_wakes_at_once()
    {
        _signal.WakeAt(_clock.Now - 1);
        await _signal.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_wake_up_before_the_wait_is_not_missed()
    {
        _signal.Wake();
        _signal.Wake();
        await _signal.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(_signal.WaitAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public void A_time_further_away_than_a_timer_can_wait_is_no_fault()
    {
        var clock = new StoreClock(TimeProvider.System, NullLogger<StoreClock>.Instance);
        using var signal = new DispatchSignal(clock);

        // The longest delay that the options allow, with the largest jitter.
        signal.WakeAt(clock.Now + (long)TimeSpan.FromDays(60).TotalMilliseconds);
    }

    [Fact]
    public void After_a_reset_earlier_plans_are_forgotten()
    {
        _signal.WakeAt(_clock.Now + 1000);
        _signal.Reset();
        _signal.WakeAt(_clock.Now + 5000);
        var awake = _signal.WaitAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.False(awake.IsCompleted);
    }
}
