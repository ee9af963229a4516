using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// What the memory holds. Deliveries that are handed over and those that are claimed have a part of it each, seven to three, so that neither keeps the
/// other out. A webhook has as much of it as its receiver has earned: what cannot be sent while its lease holds is better left where any node can claim it.
/// Each has some places at any rate, and beyond those what its quick answers say that it gets done within <paramref name="ahead"/>: so one that
/// answers within a millisecond is claimed by the thousand, and one that takes half a second by the dozen. Tenants and the node are measured likewise.
/// </summary>
internal sealed class BufferRoom(
    KnownLanes lanes, AttemptShares shares, WebhookBreakers breakers, StoreClock clock, int concurrency, int concurrencyPerWebhook, long ahead)
{
    // What waits in memory at any rate, as a multiple of what can be under way: some seconds of work for receivers of usual speed.
    private const int Factor = 32;

    // And at most of what was handed over, where receivers were measured to be quick: 20,000 by default. One webhook, or one tenant, has half of it.
    private const int MaxFactor = 112;

    // What a claim brings at most, likewise: for more, others would wait too long for the writer.
    private const int MaxClaimFactor = 4;

    // What a claim brings of a webhook of which nothing is known: one to try it with, and one to go on with.
    private const int OfUnknown = 2;

    // What is claimed and waits has no more than this of payloads, but for a few at a time.
    private const long MaxClaimedBytes = 32 * 1024 * 1024;

    private readonly Pace _pace = new();
    private readonly int _leastFresh = Math.Max(1, Factor * concurrency * 7 / 10);
    private readonly int _mostFresh = Math.Max(1, MaxFactor * concurrency * 7 / 10);
    private readonly int _mostBacklog = Math.Max(2 * concurrency, Factor * concurrency * 3 / 10);
    private long _payloadBytes;

    /// <summary>How many fresh ones a lane has room for at any rate, while it is trusted.</summary>
    public int LeastFresh => Factor * concurrencyPerWebhook;

    /// <summary>How many claimed ones a lane has room for at any rate, while it is trusted.</summary>
    public int LeastBacklog => 2 * concurrencyPerWebhook;

    /// <summary>Takes what a quick answer says of the pace of a lane, of its tenant and of the node.</summary>
    public void Answered(Lane lane, long duration)
    {
        lane.Pace.Add(duration);
        lane.Tenant.Pace.Add(duration);
        _pace.Add(duration);
    }

    /// <summary>Takes how large payloads are: a claim finds out only when it has them.</summary>
    public void Claimed(int deliveries, long bytes)
    {
        var average = bytes / Math.Max(1, deliveries);
        _payloadBytes = Math.Max(average, (_payloadBytes + average) / 2);
    }

    /// <summary>Whether one more can be handed over.</summary>
    /// <param name="lane">To whom.</param>
    /// <param name="fresh">How many wait that were handed over, or will.</param>
    public bool HasRoomForFresh(Lane lane, int fresh) =>
        IsBelow(fresh, _leastFresh, _mostFresh, _pace, concurrency)
        && (lane.Tenant.Tenant.Length == 0
            || IsBelow(lane.Tenant.Fresh, Math.Max(1, _leastFresh / 2), _mostFresh / 2, lane.Tenant.Pace, lane.Tenant.Concurrency))
        && HasRoomForFresh(lane);

    /// <summary>Whether the next claim would bring something of this webhook.</summary>
    public bool HasRoomForBacklog(Lane lane) => ForBacklog(lane) > 0;

    /// <summary>
    /// What the next claim may bring. What waits for lanes that are full, slow or unknown counts for these alone: it must not keep others from being
    /// claimed. For unknown and for slow ones together there is no more room than they will get attempts in the time of a lease.
    /// </summary>
    /// <param name="webhooks">All webhooks.</param>
    /// <param name="backlog">How many wait that were claimed.</param>
    /// <param name="backlogBytes">Their payloads.</param>
    public ClaimPlan Plan(WebhookSnapshot webhooks, int backlog, long backlogBytes)
    {
        var roomOf = new Dictionary<long, int>();
        var (moving, movingBacklog, unknown, slow, ofUnknown, usual) = (0, 0, 0, 0, 0, 0);
        foreach (var lane in lanes.Busy)
        {
            usual += Math.Min(lane.Backlog, LeastBacklog);
            if (lane.Trust == LaneTrust.Slow)
            {
                slow += lane.Waiting;
            }
            else if (lane.Trust == LaneTrust.New)
            {
                unknown += lane.Waiting;
            }
            else if (!lane.Tenant.IsFull && lane.Waiting < concurrencyPerWebhook)
            {
                moving += lane.Waiting;
                movingBacklog += lane.Backlog;
            }
        }

        var forSlow = Math.Max(0, shares.Most(LaneTrust.Slow) - slow);
        var forUnknown = Math.Max(0, (2 * shares.Most(LaneTrust.New)) - unknown);

        // What some have beyond what each has at any rate takes no room from that of the others.
        var bytesFor = (MaxClaimedBytes - backlogBytes) / Math.Max(1, _payloadBytes);
        var beyond = (int)Math.Clamp(Math.Min(_mostBacklog - (backlog - usual), bytesFor), 0, _mostBacklog);
        foreach (var lane in lanes.Busy)
        {
            var room = ForBacklog(lane);
            if (lane.Trust == LaneTrust.Slow)
            {
                room = Math.Min(room, forSlow);
                forSlow -= room;
            }
            else if (lane.Trust == LaneTrust.New)
            {
                room = Math.Min(room, forUnknown);
                ofUnknown += room;
            }
            else
            {
                var ofOwn = Math.Min(room, Math.Max(0, LeastBacklog - lane.Backlog));
                room = Math.Min(room, ofOwn + beyond);
                beyond -= room - ofOwn;
            }

            roomOf[lane.WebhookId] = room;
        }

        AddIdle(roomOf, forSlow, forUnknown);
        AddLimits(roomOf, webhooks, forUnknown);

        var wanted = Math.Clamp(_pace.Attempts(concurrency, ahead), 2 * concurrency, MaxClaimFactor * concurrency);
        var free = Math.Max(wanted - moving, Math.Max(1, wanted * 3 / 10) - movingBacklog);
        var most = Math.Min(Math.Min(free, _mostBacklog - usual), forUnknown + roomOf.Values.Sum() - ofUnknown);
        return new ClaimPlan((int)Math.Max(0, Math.Min(most, Math.Max(bytesFor, Math.Max(1, concurrency / 4)))), forUnknown > 0 ? OfUnknown : 0, roomOf);
    }

    private void AddIdle(Dictionary<long, int> roomOf, int forSlow, int forUnknown)
    {
        // Each has its chance in one of the next claims, whether it has something due or not.
        for (var (i, count) = (0, lanes.IdleSlow.Count); i < count; i++)
        {
            var place = lanes.IdleSlow.First!;
            roomOf[place.Value.WebhookId] = i < forSlow ? 1 : 0;
            if (i >= forSlow)
            {
                break;
            }

            lanes.IdleSlow.Remove(place);
            lanes.IdleSlow.AddLast(place);
        }

        foreach (var lane in lanes.IdleSlow)
        {
            roomOf.TryAdd(lane.WebhookId, 0);
        }

        if (forUnknown == 0)
        {
            // Those that are trusted must not wait with the others.
            foreach (var lane in lanes.Idle)
            {
                roomOf[lane.WebhookId] = Math.Min(ForBacklog(lane), LeastBacklog);
            }
        }
    }

    private void AddLimits(Dictionary<long, int> roomOf, WebhookSnapshot webhooks, int forUnknown)
    {
        foreach (var tenant in lanes.Tenants)
        {
            if (HasEnough(tenant))
            {
                foreach (var webhook in webhooks.OfTenant(tenant.Tenant))
                {
                    roomOf[webhook.Id] = 0;
                }
            }
        }

        foreach (var webhook in webhooks.RateLimited)
        {
            // A claim is a turn, and a turn is for a second's worth at most; more than one for who is not slow, or each would cost a turn.
            var room = roomOf.GetValueOrDefault(webhook.Id, forUnknown > 0 ? OfUnknown : 0);
            roomOf[webhook.Id] = Math.Min(webhook.RateLimit!.Value, room > 1 ? Math.Max(room, concurrencyPerWebhook) : room);
        }
    }

    /// <summary>How many a claim may bring for this webhook; 0 while it has enough.</summary>
    private int ForBacklog(Lane lane)
    {
        if (HasEnough(lane.Tenant))
        {
            return 0;
        }

        var room = lane.Trust switch
        {
            LaneTrust.Slow => lane.Waiting == 0 ? 1 : 0,
            LaneTrust.New => lane.Backlog == 0 ? OfUnknown : 0,
            _ => Math.Max(0, Math.Max(2 * lane.Limit, Math.Min(lane.Pace.Attempts(lane.Limit, ahead), _mostBacklog / 2)) - lane.Backlog),
        };
        return breakers.Find(lane.WebhookId) is { } breaker ? Math.Clamp(breaker.Most(clock.Now) - lane.Taken, 0, room) : room;
    }

    private bool HasEnough(TenantLanes tenant) =>
        tenant.Tenant.Length > 0 && !IsBelow(tenant.Backlog, 2 * tenant.Concurrency, _mostBacklog / 2, tenant.Pace, tenant.Concurrency);

    private bool HasRoomForFresh(Lane lane)
    {
        var taken = lane.Fresh + lane.Reserved;
        var isBelow = lane.Trust switch
        {
            // What can begin at once.
            LaneTrust.Slow => taken < (lane.Taken == 0 && shares.Free(LaneTrust.Slow) > 0 ? 1 : 0),
            LaneTrust.New => taken < 2 * concurrencyPerWebhook,
            _ => IsBelow(taken, LeastFresh, _mostFresh / 2, lane.Pace, lane.Limit),
        };
        return isBelow && breakers.Find(lane.WebhookId) switch
        {
            null => true,

            // Whose turn it is, is decided after a claim.
            { Status: BreakerStatus.Open or BreakerStatus.HalfOpen } => false,
            var breaker => lane.Taken < breaker.Most(clock.Now),
        };
    }

    private bool IsBelow(int count, int least, int most, Pace pace, int places) =>
        count < least || (count < most && count < pace.Attempts(places, ahead));
}
