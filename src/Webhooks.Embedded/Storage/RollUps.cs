using System.Runtime.InteropServices;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Counts what the writer of this node has made durable, in memory, until it is added to the stored figures. A node that dies takes what it has not
/// added with it: that is missing from the figures, and from nothing else.
/// </summary>
internal sealed class RollUps
{
    public const long MinuteMs = 60_000;

    private readonly Lock _gate = new();
    private Dictionary<RollUpBucket, RollUpCounts> _waiting = [];

    /// <summary>Counts the attempts of a batch that was stored. Nothing is allocated but for a webhook's first attempt since the last time.</summary>
    public void Add(List<DeliveryRecord> records, long now)
    {
        var minute = now - (now % MinuteMs);
        lock (_gate)
        {
            foreach (var record in records)
            {
                if (record.Attempt is { } attempt)
                {
                    ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(
                        _waiting, new RollUpBucket(record.Delivery.WebhookId, minute), out _);
                    counts.Add(attempt, isExhausted: record is { LeaseHeld: true, Step: DeliveryStep.Finish, Status: WebhookDeliveryStatus.Exhausted });
                }
            }
        }
    }

    /// <summary>What was counted since the last time; it is counted from zero again.</summary>
    public Dictionary<RollUpBucket, RollUpCounts> Take()
    {
        lock (_gate)
        {
            var taken = _waiting;
            if (taken.Count > 0)
            {
                _waiting = [];
            }

            return taken;
        }
    }

    /// <summary>Takes back what could not be stored.</summary>
    public void Return(IEnumerable<KeyValuePair<RollUpBucket, RollUpCounts>> taken)
    {
        lock (_gate)
        {
            foreach (var (bucket, counts) in taken)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_waiting, bucket, out _).Add(counts);
            }
        }
    }
}

/// <summary>A webhook's figures of one minute or hour.</summary>
/// <param name="WebhookId">The webhook.</param>
/// <param name="At">When it begins, in store time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RollUpBucket(long WebhookId, long At);

/// <summary>Figures to be added to others.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RollUpCounts
{
    public long Delivered { get; private set; }

    public long Failed { get; private set; }

    public long Exhausted { get; private set; }

    public long DurationMs { get; private set; }

    public void Add(AttemptData attempt, bool isExhausted)
    {
        if (attempt.Outcome == WebhookAttemptOutcome.Delivered)
        {
            Delivered++;
        }
        else
        {
            Failed++;
        }

        Exhausted += isExhausted ? 1 : 0;
        DurationMs += attempt.DurationMs;
    }

    public void Add(RollUpCounts other)
    {
        Delivered += other.Delivered;
        Failed += other.Failed;
        Exhausted += other.Exhausted;
        DurationMs += other.DurationMs;
    }
}
