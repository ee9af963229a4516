using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Dispatching;

/// <summary>What a claim may bring, and of whom.</summary>
public sealed class ClaimPlanTests : BufferTest
{
    private const int Concurrency = 64;
    private const int PerWebhook = 8;

    [Fact]
    public void Of_a_webhook_of_which_nothing_is_known_it_brings_two_and_no_more_while_these_wait()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Assert.Equal(2, Plan(buffer).Of(1));
        Claim(buffer, 1, count: 2);
        Assert.Equal(0, Plan(buffer).Of(1));
        Assert.Equal(2, Plan(buffer).Of(2));
    }

    [Fact]
    public void Of_a_webhook_that_answers_it_brings_more_and_more()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        var brought = new List<int>();
        for (var i = 0; i < 7; i++)
        {
            var plan = Plan(buffer);
            brought.Add(plan.Of(1));
            var deliveries = Enumerable.Range(0, plan.Of(1)).Select(_ => Delivery(1)).ToList();
            buffer.Claimed(plan, deliveries);
            deliveries.ForEach(buffer.Add);
            while (TakeAll(buffer) is { Count: > 0 } begun)
            {
                EndAll(buffer, begun);
            }
        }

        Assert.Equal([2, 2, 4, 8, 16, 16, 16], brought);
    }

    [Fact]
    public void Of_slow_webhooks_it_brings_one_each_and_no_more_than_they_may_have_under_way()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        MakeSlow(buffer, Ids(1, 100));

        var first = Plan(buffer);
        Assert.Equal(8, Ids(1, 100).Sum(first.Of));
        Assert.All(Ids(1, 100), id => Assert.InRange(first.Of(id), 0, 1));

        // Each has its chance, whether it has something due or not.
        var second = Plan(buffer);
        Assert.DoesNotContain(Ids(1, 100), id => first.Of(id) > 0 && second.Of(id) > 0);

        foreach (var id in Ids(1, 8))
        {
            Claim(buffer, id);
        }

        Assert.Equal(0, Ids(1, 100).Sum(Plan(buffer).Of));
        Assert.Equal(2, Plan(buffer).Of(1000));
    }

    [Fact]
    public void What_waits_for_receivers_that_hang_takes_no_room_from_what_is_due_for_those_that_answer()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Trust(buffer, Ids(1000, 3));
        var before = Plan(buffer).Max;
        var brought = 0;
        for (var i = 1; i <= 1000; i++)
        {
            var plan = Plan(buffer);
            if (plan.MaxPerWebhook > 0)
            {
                Claim(buffer, i, plan.MaxPerWebhook);
                brought += plan.MaxPerWebhook;
                TakeAll(buffer);
            }
        }

        // As many as begin at once, and as many as will get a place before their leases are over.
        Assert.Equal(16 + 32, brought);
        var full = Plan(buffer);
        Assert.Equal(0, full.Of(2000));
        Assert.All(Ids(1000, 3), id => Assert.Equal(2, full.Of(id)));
        Assert.Equal(6, full.Max);
        Assert.True(before >= 6);
    }

    [Fact]
    public void What_waits_for_a_webhook_that_has_enough_takes_no_room_from_others()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        TrustFully(buffer, 1, PerWebhook);
        for (var i = 0; i < 256; i++)
        {
            HandOver(buffer, 1);
        }

        var plan = Plan(buffer);

        Assert.Equal(32 + 16, plan.Max);
        Assert.Equal(16, plan.Of(1));
    }

    [Fact]
    public void Fresh_deliveries_leave_room_for_claims_however_many_they_are()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        Trust(buffer, Ids(1, 100));
        foreach (var id in Ids(1, 100))
        {
            for (var i = 0; i < PerWebhook - 1; i++)
            {
                HandOver(buffer, id);
            }
        }

        Assert.InRange(Plan(buffer).Max, 38, 128);
    }

    [Fact]
    public void Of_a_tenant_that_has_enough_waiting_it_brings_none_of_any_webhook()
    {
        Know([.. Ids(1, 10).Select(id => Webhook(id, "acme")), Webhook(100, "small")]);
        var buffer = Buffer(Concurrency, PerWebhook, perTenant: 4);
        Trust(buffer, 1, 2);
        Claim(buffer, 1, count: 4);
        Assert.Equal(2, Plan(buffer).Of(3));
        Claim(buffer, 2, count: 4);

        Assert.All(Ids(1, 10), id => Assert.Equal(0, Plan(buffer).Of(id)));
        Assert.Equal(2, Plan(buffer).Of(100));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 5)]
    [InlineData(1000, PerWebhook)]
    public void Of_a_webhook_with_a_rate_limit_it_brings_the_worth_of_a_second_at_most(int rateLimit, int most)
    {
        Know(Webhook(1, rateLimit: rateLimit), Webhook(2));
        var buffer = Buffer(Concurrency, PerWebhook);
        Assert.Equal(most, Plan(buffer).Of(1));

        MakeSlow(buffer, [1]);
        Assert.Equal(1, Plan(buffer).Of(1));
    }

    [Fact]
    public void Of_a_webhook_that_recovers_it_brings_what_its_breaker_lets_through_beside_those_under_way()
    {
        var buffer = Buffer(Concurrency, PerWebhook);
        TrustFully(buffer, 1, PerWebhook);
        Breakers.Remember(new WebhookBreaker { WebhookId = 1, Status = BreakerStatus.Recovering, Sequence = 1, SlowStart = 4 });
        Claim(buffer, 1, count: 3);
        Assert.Equal(3, TakeAll(buffer).Count);

        Assert.Equal(1, Plan(buffer).Of(1));
    }

    private ClaimPlan Plan(DeliveryBuffer buffer) => buffer.PlanClaim(Directory.Current);

    private void MakeSlow(DeliveryBuffer buffer, IEnumerable<long> webhookIds)
    {
        foreach (var id in webhookIds)
        {
            Claim(buffer, id);
            EndAll(buffer, TakeAll(buffer), quickly: false);
        }
    }
}
