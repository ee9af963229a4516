using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class ClaimRoundTests
{
    private const long Now = 1000;

    [Fact]
    public void Webhooks_with_something_due_are_served_in_order_from_where_the_last_round_ended()
    {
        var round = Round(afterWebhookId: 2, excluded: [], (3, 999), (1, 500), (4, 1000), (2, 10));

        Assert.Equal([3, 4, 1, 2], round.WebhookIds);
        Assert.Null(round.NextDueAt);
    }

    [Fact]
    public void What_is_not_due_yet_tells_when_to_look_again()
    {
        var round = Round(afterWebhookId: 0, excluded: [], (1, 1001), (2, 1000), (3, 5000));

        Assert.Equal([2], round.WebhookIds);
        Assert.Equal(1001, round.NextDueAt);
    }

    [Fact]
    public void A_webhook_without_room_is_passed_over()
    {
        var round = Round(afterWebhookId: 0, excluded: [1], (1, 10), (2, 20));

        Assert.Equal([2], round.WebhookIds);
    }

    [Fact]
    public void A_paused_webhook_is_passed_over_until_its_pause_ends()
    {
        var round = Round(new QueueHead { WebhookId = 1, DueAt = 10, Breaker = Breaker(BreakerStatus.Closed, pausedUntil: 1200, webhookId: 1) }, new QueueHead { WebhookId = 2, DueAt = 5000 });

        Assert.Empty(round.WebhookIds);
        Assert.Equal(1200, round.NextDueAt);
    }

    [Fact]
    public void What_is_due_after_a_pause_is_due_when_it_was()
    {
        Assert.Equal(3000, Round(new QueueHead { WebhookId = 1, DueAt = 3000, Breaker = Breaker(BreakerStatus.Open, pausedUntil: 1200, webhookId: 1) }).NextDueAt);
    }

    [Theory]
    [InlineData(BreakerStatus.Closed, 5)]
    [InlineData(BreakerStatus.Open, 1)]
    [InlineData(BreakerStatus.HalfOpen, 1)]
    [InlineData(BreakerStatus.Recovering, 2)]
    internal void After_the_pause_the_breaker_says_how_many_are_claimed(BreakerStatus status, int most)
    {
        var round = Round(new QueueHead { WebhookId = 1, DueAt = 10, Breaker = Breaker(status, pausedUntil: Now, webhookId: 1) });

        Assert.Equal([1], round.WebhookIds);
        Assert.Equal([most], round.Limits);
    }

    [Fact]
    public void A_webhook_with_nothing_in_the_queue_still_tells_of_its_breaker()
    {
        var round = Round(new QueueHead { WebhookId = 7, DueAt = null, Breaker = Breaker(BreakerStatus.Open, pausedUntil: 1200, webhookId: 7) });

        Assert.Equal(7, Assert.Single(round.Breakers).WebhookId);
        Assert.Empty(round.WebhookIds);
        Assert.Null(round.NextDueAt);
    }

    private static WebhookBreaker Breaker(BreakerStatus status, long? pausedUntil, long webhookId) =>
        new() { WebhookId = webhookId, Status = status, PausedUntil = pausedUntil, SlowStart = status == BreakerStatus.Recovering ? 2 : null };

    private static ClaimRound Round(params QueueHead[] heads) =>
        new(heads, new ClaimRequest(10, 5, 0, new Dictionary<long, int>(), Now, Now + 60_000, 0));

    private static ClaimRound Round(long afterWebhookId, HashSet<long> excluded, params (long WebhookId, long DueAt)[] heads) =>
        new(
            [.. heads.Select(head => new QueueHead { WebhookId = head.WebhookId, DueAt = head.DueAt })],
            new ClaimRequest(10, 5, afterWebhookId, excluded.ToDictionary(id => id, _ => 0), Now, Now + 60_000, 0));
}
