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

    /// <summary>What the attempts of this batch say about each webhook: one row each, however many attempts there were.</summary>
    public IEnumerable<WebhookHealth> Health()
    {
        // Sorted, so that two nodes that touch the same webhooks lock them in the same order.
        var byWebhook = new SortedDictionary<long, WebhookHealth>();
        foreach (var record in Records)
        {
            if (record.Attempt is { } attempt)
            {
                if (!byWebhook.TryGetValue(record.Delivery.WebhookId, out var health))
                {
                    byWebhook.Add(record.Delivery.WebhookId, health = new WebhookHealth(record.Delivery.WebhookId));
                }

                health.Add(attempt);
            }
        }

        return byWebhook.Values;
    }
}

/// <summary>When a webhook last succeeded and failed.</summary>
internal sealed class WebhookHealth(long webhookId)
{
    public long WebhookId { get; } = webhookId;

    public long? LastSuccessAt { get; private set; }

    public long? LastFailureAt { get; private set; }

    public string? LastFailure { get; private set; }

    public int? LastStatusCode { get; private set; }

    public void Add(AttemptData attempt)
    {
        LastStatusCode = attempt.StatusCode;
        if (attempt.Outcome == WebhookAttemptOutcome.Delivered)
        {
            LastSuccessAt = Math.Max(LastSuccessAt ?? 0, attempt.FinishedAt);
        }
        else
        {
            LastFailureAt = Math.Max(LastFailureAt ?? 0, attempt.FinishedAt);
            LastFailure = attempt.Error;
        }
    }
}
