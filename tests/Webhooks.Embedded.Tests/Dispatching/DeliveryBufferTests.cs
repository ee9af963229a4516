using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class DeliveryBufferTests : IDisposable
{
    private readonly DispatchSignal _signal = new(new StoreClock(new ManualTime(), NullLogger<StoreClock>.Instance));
    private readonly WebhookBreakers _breakers;
    private readonly ManualTime _time = new();
    private int _workers;

    public DeliveryBufferTests() => _breakers = new WebhookBreakers(new StoreClock(_time, NullLogger<StoreClock>.Instance));

    public void Dispose() => _signal.Dispose();

    [Fact]
    public void Nothing_is_handed_over_before_the_dispatcher_has_started()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 2, open: false);
        Assert.False(buffer.TryReserve(1, 100));
    }

    [Fact]
    public void Webhooks_take_turns()
    {
        var buffer = Buffer(concurrency: 8, perWebhook: 8);
        foreach (var webhookId in new long[] { 1, 1, 1, 2, 3 })
        {
            buffer.Add(Delivery(webhookId));
        }

        Assert.Equal([1, 2, 3, 1, 1], TakeAll(buffer).Select(delivery => delivery.WebhookId));
    }

    [Fact]
    public void A_webhook_has_no_more_attempts_under_way_than_its_share()
    {
        var buffer = Buffer(concurrency: 8, perWebhook: 2);
        for (var i = 0; i < 5; i++)
        {
            buffer.Add(Delivery(1));
        }

        var begun = TakeAll(buffer);
        Assert.Equal(2, begun.Count);

        buffer.Done(begun[0]);
        Assert.Single(TakeAll(buffer));
    }

    [Fact]
    public void A_worker_is_started_for_whatever_can_begin_and_no_more_than_allowed()
    {
        var buffer = Buffer(concurrency: 3, perWebhook: 3);
        for (var i = 0; i < 10; i++)
        {
            buffer.Add(Delivery(i));
        }

        Assert.Equal(3, _workers);
    }

    [Fact]
    public void A_webhook_that_answers_slowly_fills_its_own_places_only()
    {
        var buffer = Buffer(concurrency: 100, perWebhook: 1);
        var kept = 0;
        while (buffer.TryReserve(1, 10))
        {
            kept++;
        }

        Assert.Equal(32, kept);
        Assert.True(buffer.TryReserve(2, 10));
        buffer.Cancel(1, 10);
        Assert.True(buffer.TryReserve(1, 10));
    }

    [Fact]
    public void What_waits_for_a_slow_receiver_takes_no_room_from_what_is_due_for_others()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 1);
        while (buffer.TryReserve(1, 2))
        {
            buffer.Accept(Delivery(1));
        }

        Assert.Equal([KeyValuePair.Create(1L, 0)], buffer.RoomOf());
        Assert.Equal(8, buffer.Room);
    }

    [Fact]
    public void There_is_no_room_while_as_much_waits_as_can_be_under_way_twice()
    {
        var buffer = Buffer(concurrency: 2, perWebhook: 2);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(4 - i, buffer.Room);
            buffer.Add(Delivery(i));
        }

        Assert.Equal(0, buffer.Room);
    }

    [Fact]
    public void However_many_receivers_are_slow_what_waits_in_memory_is_bounded()
    {
        var buffer = Buffer(concurrency: 2, perWebhook: 1);
        for (var i = 0; i < 64; i++)
        {
            buffer.Add(Delivery(i));
        }

        Assert.Equal(64, buffer.RoomOf().Count);
        Assert.Equal(0, buffer.Room);
    }

    [Fact]
    public void Large_payloads_do_not_fill_the_memory()
    {
        var buffer = Buffer(concurrency: 1000, perWebhook: 1000);
        var kept = 0;
        while (buffer.TryReserve(kept, 1024 * 1024))
        {
            kept++;
        }

        Assert.Equal(64, kept);
    }

    [Fact]
    public void After_closing_nothing_begins_and_everything_is_given_back()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 4);
        Assert.True(buffer.TryReserve(1, 2));
        buffer.Add(Delivery(1));
        buffer.Close();
        buffer.Accept(Delivery(1));

        Assert.False(buffer.TryReserve(1, 2));
        Assert.Empty(TakeAll(buffer));
        Assert.Equal(2, buffer.TakeUnsent().Count);
    }

    [Fact]
    public async Task Room_in_a_lane_wakes_the_dispatcher_when_the_last_claim_left_something_behind()
    {
        var buffer = Buffer(concurrency: 4, perWebhook: 1);
        buffer.Add(Delivery(1));
        var begun = Assert.Single(TakeAll(buffer));
        buffer.ExpectMore();

        buffer.Done(begun);

        await _signal.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(BreakerStatus.Open, 1000, null, 0)]
    [InlineData(BreakerStatus.Open, -1, null, 0)]
    [InlineData(BreakerStatus.HalfOpen, 1000, null, 0)]
    [InlineData(BreakerStatus.Closed, 1000, null, 0)]
    [InlineData(BreakerStatus.Recovering, 1000, 4, 0)]
    [InlineData(BreakerStatus.Recovering, null, 4, 4)]
    [InlineData(BreakerStatus.Closed, -1, null, 10)]
    internal void Fresh_deliveries_are_handed_over_as_far_as_the_breaker_lets_them_through(BreakerStatus status, int? pausedForMs, int? slowStart, int handedOver)
    {
        var buffer = Buffer(concurrency: 16, perWebhook: 8);
        Remember(status, pausedForMs, slowStart);

        Assert.Equal(handedOver, Enumerable.Range(0, 10).Count(_ => buffer.TryReserve(1, 100)));

        Assert.True(buffer.TryReserve(2, 100));
    }

    [Fact]
    public void A_webhook_that_recovers_has_as_many_attempts_under_way_as_its_slow_start_says_and_a_claim_brings_no_more()
    {
        var buffer = Buffer(concurrency: 16, perWebhook: 8);
        Remember(BreakerStatus.Recovering, pausedForMs: null, slowStart: 2);
        for (var i = 0; i < 5; i++)
        {
            buffer.Add(Delivery(1));
        }

        var begun = TakeAll(buffer);
        Assert.Equal(2, begun.Count);
        Assert.Equal(0, buffer.RoomOf()[1]);

        Remember(BreakerStatus.Recovering, pausedForMs: null, slowStart: 4, sequence: 2);
        buffer.Done(begun[0]);
        begun.AddRange(TakeAll(buffer));
        Assert.Equal(5, begun.Count);
        Assert.Equal(0, buffer.RoomOf()[1]);
        buffer.Done(begun[1]);
        Assert.Equal(1, buffer.RoomOf()[1]);
    }

    private void Remember(BreakerStatus status, int? pausedForMs, int? slowStart, long sequence = 1) => _breakers.Remember(new WebhookBreaker
    {
        WebhookId = 1,
        Status = status,
        Sequence = sequence,
        PausedUntil = pausedForMs is { } wait ? _time.GetUtcNow().ToUnixTimeMilliseconds() + wait : null,
        PauseReason = PauseReason.Breaker,
        SlowStart = slowStart,
    });

    private DeliveryBuffer Buffer(int concurrency, int perWebhook, bool open = true)
    {
        var buffer = new DeliveryBuffer(
            _signal, _breakers, Options.Create(new WebhooksOptions { Concurrency = concurrency, ConcurrencyPerWebhook = perWebhook }));
        if (open)
        {
            buffer.Open(() => _workers++);
        }

        return buffer;
    }

    private static List<LeasedDelivery> TakeAll(DeliveryBuffer buffer)
    {
        var taken = new List<LeasedDelivery>();
        while (buffer.TryTake(out var delivery))
        {
            taken.Add(delivery);
        }

        return taken;
    }

    private static LeasedDelivery Delivery(long webhookId) => new()
    {
        Id = 1,
        EventId = 1,
        EventUid = Guid.NewGuid(),
        Trigger = "a",
        Payload = "{}"u8.ToArray(),
        WebhookId = webhookId,
        CreatedAt = 0,
        LeaseSequence = 1,
        Claims = 1,
        Attempts = 0,
        ClaimedTimestamp = 0,
    };
}
