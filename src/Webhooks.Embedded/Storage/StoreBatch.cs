namespace Webhooks.Embedded.Storage;

/// <summary>What goes into one transaction of the writer: published events and what is to be recorded of leased deliveries.</summary>
internal sealed class StoreBatch
{
    public List<NewEvent> Events { get; } = [];

    public List<DeliveryRecord> Records { get; } = [];

    /// <summary>Store time of this transaction.</summary>
    public long Now { get; set; }

    /// <summary>When the leases end that this transaction takes.</summary>
    public long LeaseEnd { get; set; }

    /// <summary>The node's monotonic clock when those leases began; <see cref="LeasedDelivery.ClaimedTimestamp"/>.</summary>
    public long ClaimedTimestamp { get; set; }

    public int Count => Events.Count + Records.Count;

    /// <summary>What earlier batches could not count, because somebody else had the webhook's row.</summary>
    public IReadOnlyList<HealthChange> Uncounted { get; set; } = [];

    /// <summary>Set by the store: what this batch could not count.</summary>
    public IReadOnlyList<HealthChange> Skipped { get; set; } = [];

    /// <summary>Set by the store: the counters, after this batch, of its webhooks that do not do well.</summary>
    public IReadOnlyList<WebhookCounters> Unwell { get; set; } = [];

    /// <summary>What the attempts of this batch say about each webhook: one row each, however many attempts there were.</summary>
    public HealthChange[] Health()
    {
        // Sorted, so that two nodes that touch the same webhooks lock them in the same order.
        var byWebhook = new SortedDictionary<long, HealthChange>();
        foreach (var record in Records.Where(record => record.Attempt is not null).OrderBy(record => record.Attempt!.FinishedAt))
        {
            Of(record.Delivery.WebhookId).Add(record.Attempt!);
        }

        foreach (var earlier in Uncounted)
        {
            Of(earlier.WebhookId).AddBefore(earlier);
        }

        return [.. byWebhook.Values];

        HealthChange Of(long webhookId)
        {
            if (!byWebhook.TryGetValue(webhookId, out var health))
            {
                byWebhook.Add(webhookId, health = new HealthChange(webhookId));
            }

            return health;
        }
    }
}
