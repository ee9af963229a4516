namespace Webhooks.Embedded.Storage;

/// <summary>How many due deliveries to claim, and of whom.</summary>
/// <param name="Max">How many at most.</param>
/// <param name="MaxPerWebhook">How many at most of one webhook, so that a claim serves many.</param>
/// <param name="AfterWebhookId">Where the round over the webhooks goes on.</param>
/// <param name="RoomOf">Webhooks for which there is another room; 0: none.</param>
/// <param name="Now">Store time; what is due by then can be claimed.</param>
/// <param name="LeaseEnd">Until when the claimed ones are leased.</param>
/// <param name="ClaimedTimestamp">The node's monotonic clock, read before <paramref name="Now"/>; <see cref="LeasedDelivery.ClaimedTimestamp"/>.</param>
internal sealed record ClaimRequest(
    int Max, int MaxPerWebhook, long AfterWebhookId, IReadOnlyDictionary<long, int> RoomOf, long Now, long LeaseEnd, long ClaimedTimestamp);

/// <summary>What was claimed.</summary>
/// <param name="Deliveries">The deliveries, leased.</param>
/// <param name="LastWebhookId">Where the next round over the webhooks goes on.</param>
/// <param name="NextDueAt">When the next delivery of a webhook that was looked at is due, or its lease ends; null where none is planned.</param>
/// <param name="Breakers">All webhooks that are not sent to as usual, as they were before this claim.</param>
/// <param name="CatalogueVersion">The version of the webhooks in the store.</param>
/// <param name="OperationDueAt">When the next operation is due, or its lease ends; null where there is none.</param>
/// <param name="Clock">The clock of the store, read on the way; null where it is the node's own.</param>
internal sealed record ClaimResult(
    IReadOnlyList<LeasedDelivery> Deliveries,
    long LastWebhookId,
    long? NextDueAt,
    IReadOnlyList<WebhookBreaker> Breakers,
    long CatalogueVersion,
    long? OperationDueAt,
    ClockReading? Clock = null);
