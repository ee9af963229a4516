using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A receiver that says that it is gone, one that fails for days, and who hears of it.</summary>
public sealed class WebhookDisablingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_is_gone_gets_nothing_more_and_nothing_is_deleted()
    {
        await using var world = World();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(5);
        world.Receiver.Answer = () => (410, null);

        await node.RoundAsync();

        var webhook = (await world.Registry.FindAsync(1, Cancellation))!;
        Assert.False(webhook.Enabled);
        Assert.Equal("The receiver answered 410 Gone at 2026-01-01 00:00 UTC: it wants nothing more at this URL.", webhook.DisabledReason);
        var log = await world.LogAsync();
        Assert.All(log, delivery => Assert.Equal(WebhookDeliveryStatus.Parked, delivery.Status));
        Assert.Equal((1, 410), (log.Sum(delivery => delivery.Attempts), log.Single(delivery => delivery.Attempts == 1).LastAttempt!.StatusCode));
        Assert.Equal(1, world.Receiver.Requests);
        Assert.Equal([$"disabled Gone {webhook.DisabledReason}"], await ToldAsync(world));
    }

    [Fact]
    public async Task Of_many_attempts_of_several_nodes_that_hear_at_once_that_it_is_gone_one_disables_it_and_all_are_parked()
    {
        await using var world = World();
        using var one = world.NewNode();
        using var other = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(4);
        await one.ClaimAsync();
        await world.PublishAsync(4);
        await other.ClaimAsync();
        using var together = new Barrier(8);
        world.Receiver.Answer = () =>
        {
            Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(30)));
            return (410, null);
        };

        await Task.WhenAll(new[] { one, other }.SelectMany(node => node.Buffer.TakeUnsent().Select(delivery =>
            Task.Factory.StartNew(() => node.RunAsync(delivery).GetAwaiter().GetResult(), Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default))));

        Assert.Single(await ToldAsync(world));
        Assert.False((await world.Registry.FindAsync(1, Cancellation))!.Enabled);
        Assert.All(await world.LogAsync(), delivery => Assert.Equal((WebhookDeliveryStatus.Parked, 1), (delivery.Status, delivery.Attempts)));
    }

    [Fact]
    public async Task What_was_parked_goes_out_slowly_when_it_is_enabled_again()
    {
        await using var world = World();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(40);
        world.Receiver.Answer = () => (410, null);
        await node.RoundAsync();
        world.Receiver.Answer = () => (200, null);

        await world.Registry.EnableAsync(1, sendParked: true, Cancellation);

        var operations = ActivatorUtilities.CreateInstance<OperationRunner>(world.Get<IServiceProvider>());
        var rounds = new List<int>();
        while (await operations.RunOnceAsync(Cancellation) is not null || rounds.LastOrDefault(1) > 0)
        {
            await node.Dispatcher.ClaimOnceAsync(Cancellation);
            rounds.Add(await node.WorkAsync());
            world.Time.Advance(TimeSpan.FromMilliseconds(200));
        }

        // Ten one by one, and then more and more.
        Assert.Equal([.. Enumerable.Repeat(1, 10), .. Enumerable.Repeat(2, 5)], rounds.Take(15));
        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Delivered, delivery.Status));
    }

    [Fact]
    public async Task After_the_last_attempt_of_the_schedule_410_parks_and_does_not_exhaust()
    {
        await using var world = World(options => options.Retry.Delays = []);
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync();
        world.Receiver.Answer = () => (410, null);

        await node.RoundAsync();

        Assert.Equal(WebhookDeliveryStatus.Parked, Assert.Single(await world.LogAsync()).Status);
    }

    [Fact]
    public async Task An_answer_from_where_the_webhook_no_longer_is_disables_nothing()
    {
        await using var world = World();
        using var node = world.NewNode();
        var webhook = await world.RegisterAsync();
        await world.PublishAsync();
        await node.ClaimAsync();
        world.Receiver.Answer = () =>
        {
            // While the request is under way, a person gives it another URL.
            world.Registry.ChangeAsync(1, webhook.ToSettings() with { Url = "https://example.com/new" }, Cancellation).GetAwaiter().GetResult();
            return (410, null);
        };

        await node.WorkAsync();

        Assert.True((await world.Registry.FindAsync(1, Cancellation))!.Enabled);
        var delivery = Assert.Single(await world.LogAsync());
        Assert.Equal((WebhookDeliveryStatus.Retrying, webhook.Url), (delivery.Status, delivery.LastAttempt!.Url));
        Assert.Empty(await ToldAsync(world));
    }

    [Fact]
    public async Task After_five_days_without_a_success_it_is_disabled_and_warned_of_three_times_before()
    {
        await using var world = World();
        using var node = world.NewNode();
        await world.RegisterAsync();
        world.Receiver.Answer = () => (500, null);
        var begun = world.Time.GetUtcNow();
        await world.PublishAsync(20);
        await node.RoundAsync();

        while ((await world.Registry.FindAsync(1, Cancellation))!.Enabled && world.Time.GetUtcNow() < begun.AddDays(7))
        {
            world.Time.Advance(TimeSpan.FromHours(1));
            await world.PublishAsync();
            await node.RoundAsync();
        }

        Assert.Equal(TimeSpan.FromDays(5), world.Time.GetUtcNow() - begun);
        var webhook = (await world.Registry.FindAsync(1, Cancellation))!;
        Assert.StartsWith("No attempt has succeeded since 2026-01-01 00:00 UTC; ", webhook.DisabledReason, StringComparison.Ordinal);
        Assert.EndsWith("failed in a row. The last one: The receiver answered 500.", webhook.DisabledReason, StringComparison.Ordinal);
        Assert.All(
            (await world.LogAsync()).Where(delivery => delivery.FinishedAt is null),
            delivery => Assert.Equal(WebhookDeliveryStatus.Parked, delivery.Status));
        var told = (await ToldAsync(world)).Where(notice => !notice.StartsWith("opened", StringComparison.Ordinal)).ToArray();
        Assert.Equal(
            ["warned after 1 days", "warned after 3 days", "warned after 4 days", $"disabled Failing {webhook.DisabledReason}"], told);
    }

    [Fact]
    public async Task One_success_in_five_days_is_enough()
    {
        await using var world = World();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(60);
        world.Receiver.Answer = () => (500, null);
        for (var hour = 0; hour < 8 * 24; hour += 2)
        {
            world.Receiver.Answer = hour == 96 ? () => (200, null) : () => (500, null);
            await node.RoundAsync();
            world.Time.Advance(TimeSpan.FromHours(2));
        }

        Assert.True((await world.Registry.FindAsync(1, Cancellation))!.Enabled);
    }

    [Fact]
    public async Task A_few_failures_far_apart_disable_nothing()
    {
        await using var world = World();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync();
        world.Receiver.Answer = () => (500, null);
        for (var i = 0; i < 9; i++)
        {
            await node.RoundAsync();
            world.Time.Advance(TimeSpan.FromDays(2));
        }

        Assert.True((await world.Registry.FindAsync(1, Cancellation))!.Enabled);
        Assert.Empty(await ToldAsync(world));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task DisableAfter_says_after_how_long_and_zero_is_never(int hours, bool isEnabled)
    {
        await using var world = World(options => options.DisableAfter = TimeSpan.FromHours(hours));
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(10);
        world.Receiver.Answer = () => (500, null);
        await node.RoundAsync();
        world.Time.Advance(TimeSpan.FromHours(1));

        await node.RoundAsync();

        Assert.Equal(isEnabled, (await world.Registry.FindAsync(1, Cancellation))!.Enabled);
    }

    [Fact]
    public async Task Observers_hear_of_exhausted_deliveries_of_openings_and_of_recovery_once()
    {
        await using var world = World(options =>
        {
            options.Retry.Delays = [];
            options.ConcurrencyPerWebhook = 2;
        });
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(10);
        world.Receiver.Answer = () => (500, null);
        await node.RoundAsync();
        await node.RoundAsync();
        await node.RoundAsync();
        await world.PublishAsync(20);
        world.Receiver.Answer = () => (200, null);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        while (await node.RoundAsync() > 0)
        {
        }

        Assert.Equal(
            [.. Enumerable.Repeat("exhausted after 1 HttpError", 10), "opened after 10", "recovered"], await ToldAsync(world));
    }

    [Fact]
    public async Task An_observer_that_throws_or_hangs_holds_up_neither_delivering_nor_the_stop_of_the_host()
    {
        await using var world = new BreakerNodes(options => options.Retry.Delays = [], builder => builder.AddObserver<ThrowingObserver>().AddObserver<HangingObserver>());
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(3);
        world.Receiver.Answer = () => (500, null);
        using var service = new ObserverService(world.Get<WebhookObservers>());
        await service.StartAsync(Cancellation);

        Assert.Equal(3, await node.RoundAsync());
        await HangingObserver.Called.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        using var hostsTime = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await service.StopAsync(hostsTime.Token).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Exhausted, delivery.Status));
    }

    private static BreakerNodes World(Action<WebhooksOptions>? configure = null) => new(configure, builder => builder.AddObserver<Observer>());

    private static async Task<IReadOnlyList<string>> ToldAsync(BreakerNodes world)
    {
        using var service = new ObserverService(world.Get<WebhookObservers>());
        await service.StartAsync(Cancellation);
        await service.StopAsync(Cancellation);
        return ((Observer)Assert.Single(world.Get<IEnumerable<IWebhookObserver>>())).Told;
    }

    private sealed class Observer : IWebhookObserver
    {
        public List<string> Told { get; } = [];

        public Task WarnedAsync(WebhookWarning warning, CancellationToken cancellationToken) =>
            Tell($"warned after {(warning.At - warning.FailingSince).Days} days");

        public Task DisabledAsync(WebhookDisabled disabled, CancellationToken cancellationToken) => Tell($"disabled {disabled.Cause} {disabled.Reason}");

        public Task ExhaustedAsync(DeliveryExhausted exhausted, CancellationToken cancellationToken) =>
            Tell($"exhausted after {exhausted.Attempts} {exhausted.Outcome}");

        public Task BreakerOpenedAsync(WebhookBreakerOpened opened, CancellationToken cancellationToken) => Tell($"opened after {opened.Failures}");

        public Task RecoveredAsync(WebhookRecovered recovered, CancellationToken cancellationToken) => Tell("recovered");

        private Task Tell(string notice)
        {
            Told.Add(notice);
            return Task.CompletedTask;
        }
    }

    private sealed class ThrowingObserver : IWebhookObserver
    {
        public Task ExhaustedAsync(DeliveryExhausted exhausted, CancellationToken cancellationToken) => throw new InvalidOperationException("It throws.");
    }

    private sealed class HangingObserver : IWebhookObserver
    {
        public static TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task ExhaustedAsync(DeliveryExhausted exhausted, CancellationToken cancellationToken)
        {
            Called.TrySetResult();
            return new TaskCompletionSource().Task;
        }
    }
}
