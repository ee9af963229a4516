using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Reads published events, sends them again, and sends test events.</summary>
internal sealed class WebhookEvents(
    EventRepository events,
    EventDeliveries deliveries,
    QueueRepository queue,
    TestEvents tests,
    DispatchSignal signal,
    TenantScope scope = default) : IWebhookEvents
{
    // One transaction's worth, as where people retry by ids.
    private const int MaxAtOnce = 1000;

    public IWebhookEvents ForTenant(string tenant) =>
        new WebhookEvents(events.ForTenant(tenant), deliveries.ForTenant(tenant), queue.ForTenant(tenant), tests, signal, scope.To(tenant));

    public Task<WebhookEvent?> FindAsync(Guid id, CancellationToken cancellationToken = default) => events.FindAsync(id, cancellationToken);

    public async Task<WebhookPage<WebhookEvent>> ListAsync(WebhookEventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        PageRules.Check(query.Limit);
        var before = PageRules.Read(query.Cursor, start: long.MaxValue);
        var rows = await events.ListAsync(query with { Limit = query.Limit + 1 }, before, cancellationToken);
        return PageRules.Page(rows, query.Limit, row => row.Id, row => row.Event);
    }

    public Task<WebhookTest?> SendTestAsync(long webhookId, string? trigger = null, CancellationToken cancellationToken = default) =>
        tests.SendAsync(webhookId, trigger, scope, cancellationToken);

    public async Task<IReadOnlyList<WebhookSending>?> SendAgainAsync(
        Guid eventId, long? webhookId = null, CancellationToken cancellationToken = default)
    {
        if (await events.FindAsync(eventId, cancellationToken) is null)
        {
            return null;
        }

        var there = await deliveries.FindAsync(eventId, webhookId, cancellationToken);
        if (webhookId is { } only && there.Count == 0)
        {
            var (result, deliveryId) = await deliveries.AddAsync(eventId, only, cancellationToken);
            if (result == WebhookRetryResult.Queued)
            {
                signal.Wake();
            }

            return [new WebhookSending(only, deliveryId, result)];
        }

        var sent = new List<WebhookSending>(there.Count);
        foreach (var part in there.Chunk(MaxAtOnce))
        {
            // If the process dies between two parts, those before it are sent, and the caller was told of none.
            var retries = await queue.RetryAsync([.. part.Select(delivery => delivery.Id)], cancellationToken);
            sent.AddRange(part.Zip(retries, (delivery, retry) => new WebhookSending(delivery.WebhookId, delivery.Id, retry.Result)));
            signal.Wake();
        }

        return sent;
    }
}
