using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Dispatching;

/// <summary>How much room a webhook earns by answering fast: what it gets done in five seconds, by 16 at once.</summary>
public sealed class PaceTests : BufferTest
{
    private const int Concurrency = 256;
    private const int PerWebhook = 16;
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(1, 1228)]
    [InlineData(80, 1000)]
    [InlineData(500, 160)]
    [InlineData(999, 80)]
    public void A_claim_brings_what_a_webhook_gets_done_in_seconds(int milliseconds, int most)
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, milliseconds * Millisecond, PerWebhook, 1);
        Claim(buffer, 1);

        var plan = Plan(buffer);

        Assert.InRange(plan.Of(1), most * 9 / 10, most * 11 / 10);
        Assert.InRange(plan.Max, Math.Min(most, 2 * Concurrency), 4 * Concurrency);
    }

    [Fact]
    public void A_quick_webhook_that_has_a_thousand_waiting_takes_no_room_from_others()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, Ids(1, 73));
        foreach (var id in Ids(1, 73))
        {
            Claim(buffer, id, count: id <= 3 ? 1000 : 1);
        }

        var plan = Plan(buffer);

        Assert.All(Ids(4, 70), id => Assert.Equal((2 * PerWebhook) - 1, plan.Of(id)));
        Assert.Equal((4 * Concurrency) - 70, plan.Max);
    }

    [Fact]
    public void Together_quick_webhooks_have_no_more_waiting_than_the_memory_holds()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, Ids(1, 50));
        var (claimed, before) = (0, -1);
        while (claimed > before)
        {
            before = claimed;
            var plan = Plan(buffer);
            var left = plan.Max;
            foreach (var id in Ids(1, 50))
            {
                var brought = Math.Min(plan.Of(id), left);
                Claim(buffer, id, brought);
                left -= brought;
                claimed += brought;
            }
        }

        Assert.InRange(claimed, 2457, 2 * 2457);
    }

    [Fact]
    public void Large_payloads_are_claimed_by_the_dozen_until_they_are_small_again()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1);
        Claim(buffer, 1);
        Assert.True(Plan(buffer).Max > Concurrency);

        buffer.Claimed(Plan(buffer), [Delivery(1, payloadBytes: 1024 * 1024)]);
        Assert.Equal(Concurrency / 4, Plan(buffer).Max);

        for (var i = 0; i < 10; i++)
        {
            buffer.Claimed(Plan(buffer), [Delivery(1)]);
        }

        Assert.True(Plan(buffer).Max > Concurrency);
    }

    [Fact]
    public void Payloads_that_were_claimed_and_wait_leave_room_for_a_few_at_a_time()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1);
        var large = Delivery(1, payloadBytes: 16 * 1024 * 1024);
        buffer.Add(large);
        buffer.Add(large);
        Assert.Equal(Concurrency / 4, Plan(buffer).Max);

        EndAll(buffer, TakeAll(buffer));
        Claim(buffer, 1);
        Assert.True(Plan(buffer).Max > Concurrency);
    }

    [Fact]
    public void However_large_a_payload_is_one_is_claimed_at_a_time()
    {
        var buffer = Buffer(concurrency: 1, perWebhook: 1);
        buffer.Claimed(Plan(buffer), [Delivery(1, payloadBytes: 40 * 1024 * 1024)]);

        Assert.Equal(1, Plan(buffer).Max);
    }

    [Fact]
    public void A_quick_webhook_is_handed_half_of_what_the_memory_holds_and_no_more()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1, 2, 3);

        Assert.Equal(10_035, Fill(buffer, 1));
        Assert.Equal(10_035, Fill(buffer, 2));
        Assert.Equal(0, Fill(buffer, 3));
    }

    [Fact]
    public void A_webhook_that_takes_half_a_second_is_handed_what_it_was_handed_before_it_was_known()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, 500 * Millisecond, PerWebhook, 1);

        Assert.Equal(512, Fill(buffer, 1));
    }

    [Fact]
    public void A_quick_tenant_is_handed_half_of_what_the_memory_holds_and_no_more()
    {
        Know(Webhook(1, "acme"), Webhook(2, "acme"), Webhook(3, "small"));
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1, 2, 3);

        Assert.Equal(10_035, Fill(buffer, 1) + Fill(buffer, 2));
        Assert.Equal(10_035, Fill(buffer, 3));
    }

    [Fact]
    public void What_waits_beyond_its_usual_places_is_given_back_when_a_webhook_becomes_slow()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1, 2);
        foreach (var id in Ids(1, 2))
        {
            Claim(buffer, id, count: 1000);
            for (var i = 0; i < 2000; i++)
            {
                HandOver(buffer, id);
            }
        }

        var attempts = TakeAll(buffer);
        var begun = ByWebhook(attempts);
        EndAll(buffer, attempts.Where(attempt => attempt.Delivery.WebhookId == 2));
        EndAll(buffer, attempts.Where(attempt => attempt.Delivery.WebhookId == 1), quickly: false);
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(buffer.TakeExpired(TimeSpan.FromSeconds(42)));

        Time.Advance(Millisecond);
        var givenBack = buffer.TakeExpired(TimeSpan.FromSeconds(42));

        Assert.All(givenBack, delivery => Assert.Equal(1, delivery.WebhookId));
        Assert.Equal(3000 - begun[1] - 512 - 32, givenBack.Count);
    }

    [Fact]
    public void What_waits_beyond_its_usual_places_for_much_longer_than_its_pace_had_promised_is_given_back()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, Millisecond, PerWebhook, 1);
        Claim(buffer, 1, count: 1000);
        Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Empty(buffer.TakeExpired(TimeSpan.FromSeconds(42)));

        Time.Advance(Millisecond);

        Assert.Equal(1000 - 32, buffer.TakeExpired(TimeSpan.FromSeconds(42)).Count);
    }

    [Fact]
    public async Task The_dispatcher_is_woken_when_half_of_what_it_brought_is_used_up()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, 100 * Millisecond, PerWebhook, 1);
        var brought = Bring(buffer);
        Assert.InRange(brought, 700, 900);
        var waiting = brought;
        while (!await IsAwakeAsync())
        {
            Assert.True(2 * waiting >= brought, $"{waiting} of {brought} are left, and nobody was woken.");
            waiting -= EndNext(buffer);
        }

        Assert.InRange(waiting, (brought / 2) - PerWebhook, (brought / 2) - 1);
        EndNext(buffer);
        Assert.False(await IsAwakeAsync());
    }

    [Fact]
    public async Task What_was_stored_for_want_of_a_place_wakes_the_dispatcher_unless_enough_of_its_webhook_waits()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Answer(buffer, 100 * Millisecond, PerWebhook, 1);
        var brought = Bring(buffer);
        buffer.LeftBehind(1);
        Assert.False(await IsAwakeAsync());

        buffer.LeftBehind(2);
        Assert.True(await IsAwakeAsync());
        buffer.LeftBehind(2);
        Assert.False(await IsAwakeAsync());

        // The next claim finds nothing of it: it may have looked before the delivery was there.
        var plan = Plan(buffer);
        buffer.LeftBehind(1);
        buffer.Claimed(plan, []);
        for (var waiting = brought; 2 * waiting >= brought;)
        {
            waiting -= EndNext(buffer);
        }

        Assert.True(await IsAwakeAsync());
    }

    [Fact]
    public async Task What_was_stored_for_a_slow_webhook_wakes_the_dispatcher_when_one_of_its_attempts_is_over()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Claim(buffer, 1);
        End(buffer, Assert.Single(TakeAll(buffer)), quickly: false);
        HandOver(buffer, 1);
        buffer.LeftBehind(1);
        Assert.False(await IsAwakeAsync());

        End(buffer, Assert.Single(TakeAll(buffer)), quickly: false);
        Assert.True(await IsAwakeAsync());
    }

    private static int Fill(DeliveryBuffer buffer, long webhookId)
    {
        var kept = 0;
        while (buffer.TryReserve(webhookId, 2))
        {
            kept++;
        }

        return kept;
    }

    private ClaimPlan Plan(DeliveryBuffer buffer) => buffer.PlanClaim(Directory.Current);

    /// <summary>Claims as much as there is room for, of the first webhook.</summary>
    private int Bring(DeliveryBuffer buffer)
    {
        Claim(buffer, 1);
        var plan = Plan(buffer);
        List<LeasedDelivery> deliveries = [.. Enumerable.Range(0, plan.Of(1)).Select(_ => Delivery(1))];
        buffer.Claimed(plan, deliveries);
        deliveries.ForEach(buffer.Add);
        return 1 + deliveries.Count;
    }

    private int EndNext(DeliveryBuffer buffer)
    {
        var begun = TakeAll(buffer);
        Time.Advance(100 * Millisecond);
        EndAll(buffer, begun);
        return begun.Count;
    }
}
