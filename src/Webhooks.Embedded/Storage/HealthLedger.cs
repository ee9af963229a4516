namespace Webhooks.Embedded.Storage;

/// <summary>
/// What the attempts of this node say about their webhooks and is not in the store yet. What fails is counted with its own batch, and so is all that is
/// said of a webhook that does not do well, for breakers are decided by it. That a webhook does well is counted once a second: a row that is
/// written with each delivery costs more than the delivery.
/// </summary>
/// <remarks>If the process dies, a second of deliveries that succeeded is missing from the counters of webhooks that do well, and from nothing else.</remarks>
internal sealed class HealthLedger(TimeProvider time)
{
    private const int MaxSkips = 100;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterSkip = TimeSpan.FromMilliseconds(100);

    private readonly long _rest = (long)(Rest.TotalSeconds * time.TimestampFrequency);

    // Those that did well when they were counted, less than a second ago, with what was said of them since.
    private readonly Dictionary<long, Resting> _resting = [];
    private readonly Queue<Resting> _inOrder = new();

    // Of what could not be counted because somebody else had the webhook's row.
    private List<HealthChange> _skipped = [];
    private int _waiting;

    /// <summary>When something is to be counted although no attempt comes; null where nothing waits.</summary>
    public TimeSpan? NextIn =>
        _skipped.Count > 0 ? PauseAfterSkip
        : _waiting > 0 ? Rest
        : null;

    /// <summary>Decides what to count with a batch: <see cref="StoreBatch.Health"/>. Nothing is forgotten before <see cref="Counted"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="all">Whether all that waits is to be counted, because nothing comes after.</param>
    public void Plan(StoreBatch batch, bool all)
    {
        var said = Said(batch.Records);
        foreach (var earlier in _skipped)
        {
            AddBefore(said, earlier);
        }

        // Sorted, so that two nodes that touch the same webhooks lock them in the same order.
        var due = new SortedDictionary<long, HealthChange>();
        var later = new List<HealthChange>();
        foreach (var (id, change) in said)
        {
            var resting = _resting.GetValueOrDefault(id);
            if (resting?.Said is { } earlier)
            {
                change.AddBefore(earlier);
            }

            if (all || resting is null || resting.Until <= batch.ClaimedTimestamp || !change.SaysAllIsWell)
            {
                due.Add(id, change);
            }
            else
            {
                later.Add(change);
            }
        }

        foreach (var resting in _inOrder.TakeWhile(resting => all || resting.Until <= batch.ClaimedTimestamp))
        {
            if (resting.Said is { } earlier && !said.ContainsKey(resting.WebhookId))
            {
                due.TryAdd(resting.WebhookId, earlier);
            }
        }

        batch.Health = [.. due.Values];
        batch.HealthForLater = later;
    }

    /// <summary>The batch is stored.</summary>
    public void Counted(StoreBatch batch)
    {
        while (_inOrder.TryPeek(out var first) && first.Until <= batch.ClaimedTimestamp)
        {
            Forget(_inOrder.Dequeue());
        }

        var unwell = batch.Unwell.Select(counters => counters.WebhookId).ToHashSet();
        var skipped = batch.Skipped.Select(change => change.WebhookId).ToHashSet();
        foreach (var change in batch.Health)
        {
            if (_resting.GetValueOrDefault(change.WebhookId) is { } counted)
            {
                Forget(counted);
            }

            if (!unwell.Contains(change.WebhookId) && !skipped.Contains(change.WebhookId))
            {
                var resting = new Resting(change.WebhookId, batch.ClaimedTimestamp + _rest);
                _resting.Add(change.WebhookId, resting);
                _inOrder.Enqueue(resting);
            }
        }

        foreach (var change in batch.HealthForLater)
        {
            var resting = _resting[change.WebhookId];
            _waiting += resting.Said is null ? 1 : 0;
            resting.Said = change;
        }

        // A row that is never free, or is gone, is not waited for for ever.
        _skipped = [.. batch.Skipped.Where(change => ++change.Skips < MaxSkips)];
    }

    private static Dictionary<long, HealthChange> Said(List<DeliveryRecord> records)
    {
        var said = new Dictionary<long, HealthChange>();
        foreach (var record in records.Where(record => record.Attempt is not null).OrderBy(record => record.Attempt!.FinishedAt))
        {
            Of(said, record.Delivery.WebhookId).Add(record.Attempt!);
        }

        return said;
    }

    private static void AddBefore(Dictionary<long, HealthChange> said, HealthChange earlier) => Of(said, earlier.WebhookId).AddBefore(earlier);

    private static HealthChange Of(Dictionary<long, HealthChange> said, long webhookId)
    {
        if (!said.TryGetValue(webhookId, out var change))
        {
            said.Add(webhookId, change = new HealthChange(webhookId));
        }

        return change;
    }

    private void Forget(Resting resting)
    {
        if (_resting.GetValueOrDefault(resting.WebhookId) == resting)
        {
            _resting.Remove(resting.WebhookId);
            _waiting -= resting.Said is null ? 0 : 1;
            resting.Said = null;
        }
    }

    private sealed class Resting(long webhookId, long until)
    {
        public long WebhookId { get; } = webhookId;

        /// <summary>By the monotonic clock.</summary>
        public long Until { get; } = until;

        public HealthChange? Said { get; set; }
    }
}
