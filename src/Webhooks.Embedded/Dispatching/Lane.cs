using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>What waits in memory for one webhook, and how its receiver has answered lately.</summary>
internal sealed class Lane
{
    // Of ten turns, when both wait.
    private const int BacklogTurns = 3;
    private const int MaxEmptyCapacity = 32;

    private readonly Queue<LeasedDelivery> _fresh = new();
    private readonly Queue<LeasedDelivery> _backlog = new();
    private int _turn;

    public Lane(long webhookId, TenantLanes tenant)
    {
        WebhookId = webhookId;
        Tenant = tenant;
        Turn = new LinkedListNode<Lane>(this);
        Place = new LinkedListNode<Lane>(this);
    }

    public long WebhookId { get; }

    public TenantLanes Tenant { get; }

    /// <summary>The line in which it waits for a worker; null where it does not.</summary>
    public LaneLine? Line { get; set; }

    /// <summary>Where it stands in that line.</summary>
    public LinkedListNode<Lane> Turn { get; }

    /// <summary>Where it is remembered.</summary>
    public LinkedListNode<Lane> Place { get; }

    public LaneTrust Trust { get; set; } = LaneTrust.New;

    /// <summary>How many attempts it may have under way while it is trusted. Grows with quick answers.</summary>
    public int Limit { get; set; } = 1;

    /// <summary>When it last answered quickly, by the monotonic clock; null where it never did, as far as is remembered.</summary>
    public long? AnsweredAt { get; set; }

    /// <summary>Whether its last answer was slow, or none.</summary>
    public bool IsSlow { get; set; }

    /// <summary>How many of its attempts under way take long.</summary>
    public int Overdue { get; set; }

    public int Running { get; set; }

    /// <summary>Places that are kept for fresh deliveries.</summary>
    public int Reserved { get; set; }

    /// <summary>How long its quick attempts take.</summary>
    public Pace Pace { get; } = new();

    /// <summary>Whether the last claim left, or may have left, due deliveries of this webhook behind, or some were stored since.</summary>
    public bool HasMoreDue { get; set; }

    /// <summary>Whether some were stored since the last claim was planned, which may not have seen them.</summary>
    public bool HasMoreSince { get; set; }

    /// <summary>How many claimed ones waited when the last claim had brought its part.</summary>
    public int Given { get; set; }

    /// <summary>Whether half of what was given is used up, so that the next claim can be made while the rest is sent.</summary>
    public bool IsHalfUsed => 2 * Backlog < Math.Max(1, Given);

    public int Fresh => _fresh.Count;

    public int Backlog => _backlog.Count;

    public int Waiting => _fresh.Count + _backlog.Count;

    /// <summary>What will wait or is under way.</summary>
    public int Taken => Waiting + Reserved + Running;

    public bool IsEmpty => Taken == 0;

    public void AddFresh(LeasedDelivery delivery) => _fresh.Enqueue(delivery);

    public void AddBacklog(LeasedDelivery delivery) => _backlog.Enqueue(delivery);

    /// <summary>The next one. Where both wait, seven turns of ten are for what is fresh, spread evenly: neither keeps the other waiting.</summary>
    public LeasedDelivery Take(out bool isFresh)
    {
        isFresh = _backlog.Count == 0 || (_fresh.Count > 0 && !IsTurnOfBacklog());
        return isFresh ? _fresh.Dequeue() : _backlog.Dequeue();
    }

    /// <summary>The first one that was claimed so long ago; null where there is none.</summary>
    /// <param name="timestamp">Before when.</param>
    /// <param name="keepFresh">How many of those that were handed over stay all the same.</param>
    /// <param name="keepBacklog">How many of those that were claimed stay all the same.</param>
    /// <param name="isFresh">Whether it was handed over.</param>
    public LeasedDelivery? TakeClaimedBefore(long timestamp, int keepFresh, int keepBacklog, out bool isFresh)
    {
        isFresh = _fresh.Count > keepFresh && _fresh.Peek().ClaimedTimestamp < timestamp;
        return isFresh ? _fresh.Dequeue()
            : _backlog.Count > keepBacklog && _backlog.Peek().ClaimedTimestamp < timestamp ? _backlog.Dequeue()
            : null;
    }

    /// <summary>Gives memory back that a burst has used.</summary>
    public void Trim()
    {
        if (_fresh.Capacity > MaxEmptyCapacity)
        {
            _fresh.TrimExcess();
        }

        if (_backlog.Capacity > MaxEmptyCapacity)
        {
            _backlog.TrimExcess();
        }
    }

    private bool IsTurnOfBacklog()
    {
        _turn = (_turn + BacklogTurns) % 10;
        return _turn < BacklogTurns;
    }
}
