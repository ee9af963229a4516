using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A webhook's rate limit, over all nodes that share a store: here two dispatchers, each with a buffer of its own, and a clock that stands still.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddWebhooks(options => options.PollInterval = TimeSpan.FromMinutes(1))
            .UseSqlite(_store.ConnectionString).AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection();
        _services = services.BuildServiceProvider();
        Get<DeliveryBuffer>().Open(() => { });
        await Get<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"], RateLimit = 4 }, Cancellation);
        for (var i = 0; i < 10; i++)
        {
            await Get<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task A_turn_is_for_the_worth_of_a_second_and_all_nodes_wait_for_as_long_as_it_lasts()
    {
        var (one, other) = (Node(), Node());

        await one.Dispatcher.ClaimOnceAsync(Cancellation);
        await other.Dispatcher.ClaimOnceAsync(Cancellation);

        Assert.Equal((4, 0), (one.Buffer.TakeUnsent().Count, other.Buffer.TakeUnsent().Count));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        await other.Dispatcher.ClaimOnceAsync(Cancellation);
        Assert.Empty(other.Buffer.TakeUnsent());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await other.Dispatcher.ClaimOnceAsync(Cancellation);
        await one.Dispatcher.ClaimOnceAsync(Cancellation);
        Assert.Equal((0, 4), (one.Buffer.TakeUnsent().Count, other.Buffer.TakeUnsent().Count));
    }

    [Fact]
    public async Task Who_does_not_get_the_turn_gives_back_what_it_has_claimed_and_no_attempt_is_used_up()
    {
        var node = Node();
        var now = Get<StoreClock>().Now;
        var request = new ClaimRequest(4, 4, 0, new Dictionary<long, int>(), now, now + 60_000, _time.GetTimestamp());
        var late = (await Get<SqlDialect>().ClaimAsync(request, Cancellation)).Deliveries;
        await node.Dispatcher.ClaimOnceAsync(Cancellation);
        var turns = ActivatorUtilities.CreateInstance<WebhookTurns>(_services!);

        Assert.Empty(await turns.TakeAsync(late, request.LeaseEnd));

        Assert.Equal(4, node.Buffer.TakeUnsent().Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        var again = (await Get<SqlDialect>().ClaimAsync(request with { Max = 100, MaxPerWebhook = 100, Now = now + 1000, LeaseEnd = now + 61_000 }, Cancellation)).Deliveries;
        Assert.Equal(late.Select(delivery => delivery.Id), again.Select(delivery => delivery.Id).Order().Take(4));
        Assert.All(again, delivery => Assert.Equal((1, 0), (delivery.Claims, delivery.Attempts)));
    }

    [Fact]
    public async Task Deliveries_that_wait_for_their_place_keep_their_turn_when_the_next_one_is_taken()
    {
        var node = Node();
        await node.Dispatcher.ClaimOnceAsync(Cancellation);
        var first = node.Buffer.TakeUnsent();
        _time.Advance(TimeSpan.FromSeconds(1));
        await node.Dispatcher.ClaimOnceAsync(Cancellation);

        Assert.All(first.Concat(node.Buffer.TakeUnsent()), delivery => Assert.False(node.Breakers.HoldsBack(delivery)));
        Assert.True(node.Breakers.HoldsBack(Assert.Single(await ClaimAnyAsync())));
    }

    [Fact]
    public async Task What_is_left_is_claimed_when_the_turn_is_over_however_seldom_the_dispatcher_looks()
    {
        var node = Node();
        node.Signal.Reset();
        node.Signal.WakeAt(await node.Dispatcher.ClaimOnceAsync(Cancellation));
        var awake = node.Signal.WaitAsync(Cancellation);
        Assert.False(awake.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        await awake;
    }

    [Fact]
    public async Task A_success_changes_nothing_and_the_store_is_not_asked_how_the_webhook_does()
    {
        var node = Node();
        await node.Dispatcher.ClaimOnceAsync(Cancellation);
        Assert.NotNull(node.Breakers.Find(1));
        using var control = ActivatorUtilities.CreateInstance<BreakerControl>(_services!, node.Breakers);
        var now = Get<StoreClock>().Now;
        var attempt = new AttemptData { Number = 1, UrlNumber = 1, StartedAt = now, Outcome = WebhookAttemptOutcome.Delivered };
        var record = DeliveryRecord.Finish(node.Buffer.TakeUnsent()[0], attempt, WebhookDeliveryStatus.Delivered, now);

        Assert.Null(await control.FollowAsync(record, retryAfter: null));
    }

    private async Task<IReadOnlyList<LeasedDelivery>> ClaimAnyAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var now = Get<StoreClock>().Now;
        var claim = await Get<SqlDialect>().ClaimAsync(new ClaimRequest(1, 1, 0, new Dictionary<long, int>(), now, now + 60_000, 0), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(-1));
        return claim.Deliveries;
    }

    private (WebhookDispatcher Dispatcher, DeliveryBuffer Buffer, WebhookBreakers Breakers, DispatchSignal Signal) Node()
    {
        var breakers = ActivatorUtilities.CreateInstance<WebhookBreakers>(_services!);
        var signal = ActivatorUtilities.CreateInstance<DispatchSignal>(_services!);
        var buffer = ActivatorUtilities.CreateInstance<DeliveryBuffer>(_services!, breakers, signal);
        var turns = ActivatorUtilities.CreateInstance<WebhookTurns>(_services!, breakers, signal);
        return (ActivatorUtilities.CreateInstance<WebhookDispatcher>(_services!, breakers, signal, buffer, turns), buffer, breakers, signal);
    }

    private T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
