namespace Webhooks.Embedded.Storage;

/// <summary>What goes into one transaction of the writer: published events and what is to be recorded of leased deliveries.</summary>
internal sealed class StoreBatch
{
    public List<NewEvent> Events { get; } = [];

    public List<DeliveryRecord> Records { get; } = [];

    /// <summary>Whether an earlier try may have stored it: its commit was not answered.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>Store time of this transaction.</summary>
    public long Now { get; set; }

    /// <summary>When the leases end that this transaction takes.</summary>
    public long LeaseEnd { get; set; }

    /// <summary>The node's monotonic clock when those leases began; <see cref="LeasedDelivery.ClaimedTimestamp"/>.</summary>
    public long ClaimedTimestamp { get; set; }

    public bool IsEmpty => IsForNobody && Health.Length == 0;

    /// <summary>Whether nobody waits for it: what it counts is kept, so it is not tried again at once, and does not keep a host that stops.</summary>
    public bool IsForNobody => Events.Count + Records.Count == 0;

    /// <summary>What is to be counted of the webhooks' attempts: one row each, however many attempts there were, sorted by webhook.</summary>
    public HealthChange[] Health { get; set; } = [];

    /// <summary>What the attempts of this batch say that need not be counted yet.</summary>
    public IReadOnlyList<HealthChange> HealthForLater { get; set; } = [];

    /// <summary>Set by the store: what this batch could not count.</summary>
    public IReadOnlyList<HealthChange> Skipped { get; set; } = [];

    /// <summary>Set by the store: the counters, after this batch, of its webhooks that do not do well.</summary>
    public IReadOnlyList<WebhookCounters> Unwell { get; set; } = [];
}
