using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Reads the log, retries deliveries and cancels them.</summary>
internal sealed class WebhookDeliveries(
    DeliveryRepository deliveries, QueueRepository queue, CancelRepository cancellations, BreakerRepository breakers, DispatchSignal signal) : IWebhookDeliveries
{
    public IWebhookDeliveries ForTenant(string tenant) =>
        new WebhookDeliveries(deliveries.ForTenant(tenant), queue.ForTenant(tenant), cancellations.ForTenant(tenant), breakers.ForTenant(tenant), signal);

    public async Task<WebhookDelivery?> FindAsync(long id, CancellationToken cancellationToken = default)
    {
        var found = await FindAsync([id], cancellationToken);
        return found is [var delivery] ? delivery : null;
    }

    public async Task<IReadOnlyList<WebhookDelivery>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
    {
        PageRules.CheckIds(ids);
        if (ids.Count == 0)
        {
            return [];
        }

        var query = new WebhookDeliveryQuery { Ids = ids, IncludePayload = true };
        var found = (await deliveries.ListAsync(query, long.MaxValue, ids.Count, cancellationToken)).ToDictionary(delivery => delivery.Id);
        return [.. ids.Distinct().Where(found.ContainsKey).Select(id => found[id])];
    }

    public async Task<WebhookPage<WebhookDelivery>> ListAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        PageRules.Check(query.Limit, query.Offset);
        PageRules.CheckIds(query);
        var before = PageRules.Read(query.Cursor, start: long.MaxValue);
        var rows = await deliveries.ListAsync(query, before, query.Limit + 1, cancellationToken);
        return PageRules.Page(rows, query.Limit, delivery => delivery.Id, delivery => delivery);
    }

    public Task<int> CountAsync(WebhookDeliveryQuery query, int atMost = 10_000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, 1);
        PageRules.CheckIds(query);
        return deliveries.CountAsync(query, atMost, cancellationToken);
    }

    public Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(long id, CancellationToken cancellationToken = default) =>
        deliveries.AttemptsAsync(id, cancellationToken);

    public async Task<WebhookRetryResult> RetryAsync(long id, CancellationToken cancellationToken = default) =>
        (await RetryAsync([id], cancellationToken))[0].Result;

    public async Task<IReadOnlyList<WebhookRetry>> RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
    {
        PageRules.CheckIds(ids);
        var retries = await queue.RetryAsync(ids, cancellationToken);
        if (retries.Any(retry => retry.Result == WebhookRetryResult.Queued))
        {
            // A person who retries one has most likely mended the receiver, and waits to see it work.
            if (retries is [var only] && await FindAsync(only.Id, cancellationToken) is { WebhookPausedUntil: not null } delivery)
            {
                await breakers.EndPauseAsync(delivery.WebhookId, cancellationToken);
            }

            signal.Wake();
        }

        return retries;
    }

    public async Task<WebhookCancelResult> CancelAsync(long id, CancellationToken cancellationToken = default) =>
        (await CancelAsync([id], cancellationToken))[0].Result;

    public Task<IReadOnlyList<WebhookCancellation>> CancelAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default)
    {
        PageRules.CheckIds(ids);
        return cancellations.CancelAsync(ids, cancellationToken);
    }
}
