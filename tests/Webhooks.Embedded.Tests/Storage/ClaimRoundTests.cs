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

    private static ClaimRound Round(long afterWebhookId, HashSet<long> excluded, params (long WebhookId, long DueAt)[] heads) =>
        new(
            [.. heads.Select(head => new QueueHead { WebhookId = head.WebhookId, DueAt = head.DueAt })],
            new ClaimRequest(10, 5, afterWebhookId, excluded.ToDictionary(id => id, _ => 0), Now, Now + 60_000, 0));
}
