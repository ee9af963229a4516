using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Dispatching;

/// <summary>Who shares with whom: fresh deliveries with the backlog, tenants with tenants.</summary>
public sealed class LaneShareTests : BufferTest
{
    [Fact]
    public void When_both_wait_fresh_deliveries_have_seven_turns_of_ten_and_the_backlog_three()
    {
        var buffer = Buffer(concurrency: 8, perWebhook: 1);
        Trust(buffer, 1);
        var fresh = new HashSet<LeasedDelivery>();
        for (var i = 0; i < 30; i++)
        {
            var delivery = Delivery(1);
            fresh.Add(delivery);
            Assert.True(buffer.TryReserve(1, 2));
            buffer.Accept(delivery);
        }

        Claim(buffer, 1, count: 1000);
        var first = new List<bool>();
        for (var i = 0; i < 40; i++)
        {
            var begun = Assert.Single(TakeAll(buffer));
            first.Add(fresh.Contains(begun.Delivery));
            End(buffer, begun);
        }

        Assert.Equal(7, first.Take(10).Count(isFresh => isFresh));
        Assert.Equal(28, first.Count(isFresh => isFresh));

        // Spread evenly: neither waits for more than three turns of the other.
        Assert.DoesNotContain("FFFF", string.Concat(first.Select(isFresh => isFresh ? 'F' : 'B')), StringComparison.Ordinal);
        Assert.DoesNotContain("BB", string.Concat(first.Select(isFresh => isFresh ? 'F' : 'B')), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenant_has_no_more_attempts_under_way_than_its_share_and_apps_without_tenants_have_all()
    {
        Know([.. Ids(1, 50).Select(id => Webhook(id, "acme")), .. Ids(100, 50).Select(id => Webhook(id))]);
        var buffer = Buffer(concurrency: 80, perWebhook: 1, perTenant: 5);
        Trust(buffer, Ids(1, 50).Concat(Ids(100, 50)));
        foreach (var id in Ids(1, 50))
        {
            Claim(buffer, id);
        }

        var begun = TakeAll(buffer);
        Assert.Equal(5, begun.Count);
        End(buffer, begun[0]);
        Assert.Single(TakeAll(buffer));
        foreach (var id in Ids(100, 50))
        {
            Claim(buffer, id);
        }

        Assert.Equal(50, TakeAll(buffer).Count);
    }

    [Fact]
    public void The_share_of_a_tenant_is_half_by_default()
    {
        Know([.. Ids(1, 50).Select(id => Webhook(id, "acme"))]);
        var buffer = Buffer(concurrency: 15, perWebhook: 1);
        Trust(buffer, Ids(1, 50));
        foreach (var id in Ids(1, 50))
        {
            Claim(buffer, id);
        }

        Assert.Equal(8, TakeAll(buffer).Count);
    }

    [Fact]
    public void Tenants_take_turns_however_many_webhooks_they_have()
    {
        Know([.. Ids(1, 50).Select(id => Webhook(id, "acme")), Webhook(100, "small")]);
        var buffer = Buffer(concurrency: 40, perWebhook: 1, perTenant: 20);
        Trust(buffer, Ids(1, 50).Append(100));
        foreach (var id in Ids(1, 50).Append(100))
        {
            Claim(buffer, id);
        }

        Assert.Contains(100, TakeAll(buffer).Take(2).Select(attempt => attempt.Delivery.WebhookId));
    }

    [Fact]
    public void A_tenant_that_floods_does_not_fill_the_memory_for_fresh_deliveries()
    {
        Know(Webhook(1, "acme"), Webhook(2, "acme"), Webhook(3, "small"));
        var buffer = Buffer(concurrency: 10, perWebhook: 10, perTenant: 10);
        Trust(buffer, 1, 2, 3);
        var kept = 0;
        while (buffer.TryReserve(1, 1) || buffer.TryReserve(2, 1))
        {
            kept++;
        }

        Assert.Equal(112, kept);
        Assert.True(buffer.TryReserve(3, 1));
    }

    [Fact]
    public void What_goes_by_turns_of_all_nodes_is_not_handed_over()
    {
        Know(Webhook(1, rateLimit: 10), Webhook(2), Webhook(3), Webhook(4), Webhook(5));
        var buffer = Buffer(concurrency: 10, perWebhook: 10);
        Breakers.Remember(new WebhookBreaker { WebhookId = 2, Status = BreakerStatus.Open, Sequence = 1, PausedUntil = Clock.Now - 1 });
        Breakers.Remember(new WebhookBreaker { WebhookId = 3, Sequence = 1, PausedUntil = Clock.Now + 1, PauseReason = PauseReason.Receiver });
        Breakers.Remember(new WebhookBreaker { WebhookId = 4, Status = BreakerStatus.Recovering, Sequence = 1, SlowStart = 2 });
        Breakers.Remember(new WebhookBreaker { WebhookId = 5, Sequence = 1, PausedUntil = Clock.Now, PauseReason = PauseReason.Receiver });

        Assert.False(buffer.TryReserve(1, 2));
        Assert.False(buffer.TryReserve(2, 2));
        Assert.False(buffer.TryReserve(3, 2));
        Assert.True(buffer.TryReserve(4, 2));
        Assert.True(buffer.TryReserve(4, 2));
        Assert.False(buffer.TryReserve(4, 2));
        Assert.True(buffer.TryReserve(5, 2));
    }
}
