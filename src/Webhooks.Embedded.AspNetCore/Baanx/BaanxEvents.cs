using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Events with the status that follows from their deliveries.</summary>
internal sealed class BaanxEvents(string sourceService)
{
    // The status is not stored, so a filter by it reads events until it has enough, but no more than these.
    private const int MaxScanned = 1000;
    private const int PageSize = 100;
    private const int MaxDeliveries = 1000;

    /// <summary>The newest events, of a status where one is asked for.</summary>
    public async Task<IReadOnlyList<BaanxEvent>> NewestAsync(
        WebhookScope scope, BaanxStatus? status, int limit, CancellationToken cancellationToken)
    {
        if (status is null)
        {
            var newest = await scope.Events.ListAsync(new WebhookEventQuery { Limit = limit, IncludePayload = true }, cancellationToken);
            var deliveries = await DeliveriesAsync(scope, newest.Items, cancellationToken);
            return [.. newest.Items.Select(published => Of(published, [.. deliveries[published.Id]]))];
        }

        var found = new List<BaanxEvent>();
        var query = new WebhookEventQuery { Limit = PageSize };
        for (var scanned = 0; scanned < MaxScanned; scanned += PageSize)
        {
            var page = await scope.Events.ListAsync(query, cancellationToken);
            var deliveries = await DeliveriesAsync(scope, page.Items, cancellationToken);
            foreach (var published in page.Items.Where(published => BaanxStatuses.Of([.. deliveries[published.Id]]) == status))
            {
                // Only the payloads of the answer are read. Retention may have taken the event meanwhile.
                if (await scope.Events.FindAsync(published.Id, cancellationToken) is { } whole)
                {
                    found.Add(Of(whole, [.. deliveries[published.Id]]));
                }

                if (found.Count == limit)
                {
                    return found;
                }
            }

            if (page.Next is null)
            {
                break;
            }

            query = query with { Cursor = page.Next };
        }

        return found;
    }

    public static async Task<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(
        WebhookScope scope, WebhookEvent published, CancellationToken cancellationToken) =>
        [.. (await DeliveriesAsync(scope, [published], cancellationToken))[published.Id]];

    // All at once: a query for each event would be a thousand for one answer.
    private static async Task<ILookup<Guid, WebhookDelivery>> DeliveriesAsync(
        WebhookScope scope, IReadOnlyList<WebhookEvent> events, CancellationToken cancellationToken)
    {
        var found = new List<WebhookDelivery>();
        var query = new WebhookDeliveryQuery { EventIds = [.. events.Select(published => published.Id)], Limit = MaxDeliveries };
        while (events.Count > 0)
        {
            var page = await scope.Deliveries.ListAsync(query, cancellationToken);
            found.AddRange(page.Items);
            if (page.Next is null)
            {
                break;
            }

            query = query with { Cursor = page.Next };
        }

        return found.ToLookup(delivery => delivery.EventId);
    }

    public BaanxEvent Of(WebhookEvent published, IReadOnlyList<WebhookDelivery> deliveries) => new()
    {
        Id = published.Id,
        Tenant = published.Tenant,
        EventType = published.Trigger,
        Payload = published.Payload is { } payload ? RawJson.Of(payload) : null,
        UserId = published.Target,
        SourceService = sourceService,
        Status = BaanxStatuses.Of(deliveries),
        CreatedAt = published.PublishedAt,
        ProcessedAt = BaanxStatuses.ProcessedAt(deliveries),
    };
}
