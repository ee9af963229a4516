namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Reads logs, one row for each attempt, the newest first.</summary>
internal sealed class BaanxLogReader(IWebhookDeliveries deliveries)
{
    // Of deliveries older than those that are read anyway, how many that were attempted again lately are looked at.
    private const int MaxRetriedLately = 500;

    public async Task<IReadOnlyList<BaanxLog>> OfWebhookAsync(Webhook webhook, int limit, CancellationToken cancellationToken)
    {
        var page = await deliveries.ListAsync(new WebhookDeliveryQuery { WebhookId = webhook.Id, Limit = limit }, cancellationToken);
        var candidates = page.Items.ToList();
        if (page.Next is not null)
        {
            // Deliveries come in publishing order, attempts do not: an old delivery may have been retried a moment ago. Where some of those
            // above have no row to show, such as parked ones that were never attempted, any older delivery may take their places.
            var retried = new WebhookDeliveryQuery
            {
                WebhookId = webhook.Id,
                AttemptedFrom = candidates.Any(delivery => BaanxLog.NewestOf(delivery) is null) ? null : candidates.Min(BaanxLog.NewestOf),
                Cursor = page.Next,
                Limit = MaxRetriedLately,
            };
            candidates.AddRange((await deliveries.ListAsync(retried, cancellationToken)).Items);
        }

        var found = await deliveries.FindAsync([.. WithNewestRows(candidates, limit).Select(delivery => delivery.Id)], cancellationToken);
        return await RowsAsync(found, limit, _ => webhook.Url, delivery => delivery.Payload, cancellationToken);
    }

    /// <param name="found">The deliveries.</param>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="urlOf">Where a delivery's webhook points now.</param>
    /// <param name="payloadOf">A delivery's payload.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<IReadOnlyList<BaanxLog>> RowsAsync(
        IReadOnlyList<WebhookDelivery> found,
        int limit,
        Func<WebhookDelivery, string> urlOf,
        Func<WebhookDelivery, ReadOnlyMemory<byte>?> payloadOf,
        CancellationToken cancellationToken)
    {
        var rows = new List<(long DeliveryId, BaanxLog Log)>();
        foreach (var delivery in WithNewestRows(found, limit))
        {
            IReadOnlyList<WebhookAttempt> attempts = delivery switch
            {
                { LastAttempt: null } => [],
                { Attempts: 1, LastAttempt: { } only } => [only],
                _ => await deliveries.AttemptsAsync(delivery.Id, cancellationToken),
            };
            rows.AddRange(BaanxLog.Of(delivery, attempts, urlOf(delivery), payloadOf(delivery)).Select(log => (delivery.Id, log)));
        }

        return
        [
            .. rows
                .OrderByDescending(row => row.Log.CreatedAt)
                .ThenByDescending(row => row.DeliveryId)
                .ThenByDescending(row => row.Log.AttemptNumber)
                .Take(limit)
                .Select(row => row.Log),
        ];
    }

    /// <summary>The newest n rows are all in those n deliveries whose own newest rows are the newest: only these are read whole.</summary>
    private static IEnumerable<WebhookDelivery> WithNewestRows(IEnumerable<WebhookDelivery> deliveries, int limit) => deliveries
        .Where(delivery => BaanxLog.NewestOf(delivery) is not null)
        .OrderByDescending(BaanxLog.NewestOf)
        .ThenByDescending(delivery => delivery.Id)
        .Take(limit);
}
