using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Whose turn it is. A lane is trusted after a quick answer, one within a second, and loses trust when an attempt takes longer, at once and
/// not only when it is over. A trusted lane may have one attempt under way, and one more for each quick answer while more waits, up to
/// its share. Lanes that are not trusted, because nothing is known of them or because they were slow, begin attempts only while all of them together
/// have less than a quarter of the node's; the slow ones, less than an eighth (<see cref="AttemptShares"/>). So receivers that hang hold a quarter at
/// most, also at a cold start; when trusted ones begin to hang all at once, each holds what its own answers had earned it,
/// and those that had not answered within the last second not more than half of the node together. Beyond these bounds tenants take turns, and
/// the lanes of a tenant, and nobody waits for a place that nobody else may have.
/// </summary>
/// <remarks>All steps take the same time, however many lanes there are. Times are those of the monotonic clock.</remarks>
internal sealed class LaneTurns(AttemptShares shares, WebhookBreakers breakers, int concurrencyPerWebhook, long ticksPerSecond)
{
    /// <summary>An answer within this time is quick.</summary>
    public static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);

    private const int TrustInSeconds = 300;

    private readonly LinkedList<LaneLine>[] _lines = [.. Enumerable.Range(0, LaneLine.Count).Select(_ => new LinkedList<LaneLine>())];
    private int _nextStep;

    /// <summary>Whether a worker would find something to begin.</summary>
    public bool HasNext
    {
        get
        {
            foreach (var line in _lines)
            {
                if (line.First is { } first && MayBegin(first.Value.Lanes.First!.Value))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether an attempt was over quickly. One that fails at once holds no place either; one that times out was slow, however short the timeout.</summary>
    public static bool IsQuick(WebhookAttemptOutcome outcome, TimeSpan duration) =>
        duration <= Quick
        && outcome is not (WebhookAttemptOutcome.TimeoutConnect or WebhookAttemptOutcome.TimeoutTls or WebhookAttemptOutcome.TimeoutHeaders);

    /// <summary>Begins an attempt of the lane whose turn it is; null where none may begin.</summary>
    public Lane? Begin(long now)
    {
        bool hasMoved;
        do
        {
            hasMoved = false;
            for (var i = 0; i < LaneLine.Steps; i++)
            {
                var step = (_nextStep + i) % LaneLine.Steps;
                var (line, end) = LaneLine.OfStep(step);
                for (; line < end; line++)
                {
                    if (FirstOf(line, now, ref hasMoved) is { } lane)
                    {
                        // The steps take turns too: none waits until another one has nothing left.
                        _nextStep = (step + 1) % LaneLine.Steps;
                        Begin(lane);
                        return lane;
                    }
                }
            }
        }
        while (hasMoved);

        return null;
    }

    /// <summary>Says that a delivery was put into a lane.</summary>
    public void Added(Lane lane, long now)
    {
        Reassess(lane, now);
        Place(lane);
    }

    /// <summary>Says that an attempt takes long.</summary>
    public void Delayed(Lane lane, long now)
    {
        lane.Limit = 1;
        Reassess(lane, now);
        Place(lane);
    }

    /// <summary>Says that an attempt is over.</summary>
    /// <param name="lane">Whose it was.</param>
    /// <param name="answeredQuickly">Null where nothing was sent, which says nothing of the receiver.</param>
    /// <param name="now">The time.</param>
    public void End(Lane lane, bool? answeredQuickly, long now)
    {
        var wasFull = lane.Tenant.IsFull;
        lane.Running--;
        lane.Tenant.Running--;
        shares.Add(lane.Trust, -1);
        if (answeredQuickly == true)
        {
            lane.AnsweredAt = now;
            lane.IsSlow = false;
            if (lane.Overdue == 0 && lane.Waiting > 0 && lane.Limit < concurrencyPerWebhook)
            {
                lane.Limit++;
            }
        }
        else if (answeredQuickly == false)
        {
            lane.IsSlow = true;
            lane.Limit = 1;
        }

        Reassess(lane, now);
        Place(lane);
        if (wasFull && !lane.Tenant.IsFull)
        {
            Resume(lane.Tenant);
        }
    }

    /// <summary>The first lane of a line, if it may begin.</summary>
    private Lane? FirstOf(int line, long now, ref bool hasMoved)
    {
        while (_lines[line].First is { } tenant)
        {
            var lane = tenant.Value.Lanes.First!.Value;
            if (!Reassess(lane, now) && lane.Running < Most(lane))
            {
                if (MayBegin(lane))
                {
                    return lane;
                }

                // One that has enough under way does not stand in the way of one that has less.
                ToTheEnd(lane);
                return null;
            }

            // Time has passed since it was placed here, or its breaker has changed; it goes to the line where it belongs, or leaves.
            Place(lane);
            hasMoved = true;
        }

        return null;
    }

    private void Begin(Lane lane)
    {
        ToTheEnd(lane);
        lane.Running++;
        lane.Tenant.Running++;
        shares.Add(lane.Trust, 1);
        if (lane.Tenant.IsFull)
        {
            Pause(lane.Tenant);
        }
    }

    /// <summary>Puts a lane into the line where it belongs, at its end, or leaves it where it is.</summary>
    public void Place(Lane lane)
    {
        var wanted = lane.Waiting > 0 && lane.Running < Most(lane) ? LaneLine.Of(lane) : -1;
        var line = wanted < 0 ? null : lane.Tenant.LineOf(wanted);
        if (line == lane.Line)
        {
            return;
        }

        if (lane.Line is { } old)
        {
            old.Lanes.Remove(lane.Turn);
            if (old.Lanes.Count == 0)
            {
                old.Turn.List?.Remove(old.Turn);
            }
        }

        lane.Line = line;
        if (line is not null)
        {
            line.Lanes.AddLast(lane.Turn);
            if (line.Turn.List is null && !lane.Tenant.IsFull)
            {
                _lines[wanted].AddLast(line.Turn);
            }
        }
    }

    /// <summary>Never none: when one of those under way is over, it is placed anew. What waits while its webhook is paused begins too, and is given back.</summary>
    private int Most(Lane lane) =>
        Math.Min(lane.Trust < LaneTrust.New ? lane.Limit : concurrencyPerWebhook, breakers.SlowStart(lane.WebhookId) ?? int.MaxValue);

    /// <summary>
    /// Whether the shares let it begin. A lane that is not trusted and has attempts under way leaves twice as many places free as it holds, so that
    /// there are always some for those that have none.
    /// </summary>
    private bool MayBegin(Lane lane)
    {
        var free = shares.Free(lane.Trust);
        return free > 0 && (lane.Trust < LaneTrust.New || lane.Running == 0 || free > 2 * lane.Running);
    }

    /// <summary>Finds out how far a lane is trusted now. Returns whether that has changed.</summary>
    private bool Reassess(Lane lane, long now)
    {
        var trust = TrustIn(lane, now);
        if (lane.Running == 0 && trust is LaneTrust.Quiet or LaneTrust.New)
        {
            lane.Limit = 1;
        }

        if (trust == lane.Trust)
        {
            return false;
        }

        shares.Add(lane.Trust, -lane.Running);
        shares.Add(trust, lane.Running);
        lane.Trust = trust;
        return true;
    }

    private LaneTrust TrustIn(Lane lane, long now)
    {
        if (lane.IsSlow || lane.Overdue > 0)
        {
            return LaneTrust.Slow;
        }

        return lane.AnsweredAt is not { } answeredAt || now - answeredAt > TrustInSeconds * ticksPerSecond ? LaneTrust.New
            : now - answeredAt <= ticksPerSecond ? LaneTrust.Answering
            : LaneTrust.Quiet;
    }

    /// <summary>The other lanes of its tenant, and the other tenants, come first now.</summary>
    private static void ToTheEnd(Lane lane)
    {
        var line = lane.Line!;
        line.Lanes.Remove(lane.Turn);
        line.Lanes.AddLast(lane.Turn);
        if (line.Turn.List is { } tenants)
        {
            tenants.Remove(line.Turn);
            tenants.AddLast(line.Turn);
        }
    }

    private static void Pause(TenantLanes tenant)
    {
        for (var line = 0; line < LaneLine.Count; line++)
        {
            if (tenant.FindLine(line)?.Turn is { List: { } tenants } turn)
            {
                tenants.Remove(turn);
            }
        }
    }

    private void Resume(TenantLanes tenant)
    {
        for (var line = 0; line < LaneLine.Count; line++)
        {
            if (tenant.FindLine(line) is { Lanes.Count: > 0, Turn.List: null } waiting)
            {
                _lines[line].AddLast(waiting.Turn);
            }
        }
    }
}
