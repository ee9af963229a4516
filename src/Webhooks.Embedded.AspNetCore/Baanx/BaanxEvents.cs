namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Events with the status that follows from their deliveries.</summary>
internal sealed class BaanxEvents(string sourceService)
{
    // The status is not stored, so a filter by it reads events until it has enough, but no more than these.
    private const int MaxScanned = 1000;
    private const int MaxDeliveries = 1000;

    /// <summary>The newest events, of a status where one is asked for.</summary>
    public async Task<IReadOnlyList<BaanxEvent>> NewestAsync(
        WebhookScope scope, BaanxStatus? status, int limit, CancellationToken cancellationToken)
    {
        var found = new List<BaanxEvent>();
        var query = new WebhookEventQuery { Limit = limit };
        var scanned = 0;
        do
        {
            var page = await scope.Events.ListAsync(query, cancellationToken);
            foreach (var published in page.Items)
            {
                var deliveries = await DeliveriesAsync(scope, published.Id, cancellationToken);
                if (status is not null && BaanxStatuses.Of(deliveries) != status)
                {
                    continue;
                }

                // Lists come without payloads; only those of the answer are read. Retention may have taken the event meanwhile.
                if (await scope.Events.FindAsync(published.Id, cancellationToken) is { } whole)
                {
                    found.Add(Of(whole, deliveries));
                }

                if (found.Count == limit)
                {
                    return found;
                }
            }

            scanned += page.Items.Count;
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null && scanned < MaxScanned);

        return found;
    }

    public static async Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(
        WebhookScope scope, Guid eventId, CancellationToken cancellationToken) =>
        (await scope.Deliveries.ListAsync(new WebhookDeliveryQuery { EventId = eventId, Limit = MaxDeliveries }, cancellationToken)).Items;

    public BaanxEvent Of(WebhookEvent published, IReadOnlyList<WebhookDelivery> deliveries) => new()
    {
        Id = published.Id,
        Tenant = published.Tenant,
        EventType = published.Trigger,
        Payload = published.Payload is { } payload ? BaanxPayload.Json(payload) : null,
        UserId = published.Target,
        SourceService = sourceService,
        Status = BaanxStatuses.Of(deliveries),
        CreatedAt = published.PublishedAt,
        ProcessedAt = BaanxStatuses.ProcessedAt(deliveries),
    };
}
