using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// What the memory holds. Deliveries that are handed over and those that are claimed have a part of it each, seven to three, so that neither keeps the
/// other out. A webhook has as much of it as its receiver has earned: what cannot be sent while its lease holds is better left where any node can claim it.
/// </summary>
internal sealed class BufferRoom(KnownLanes lanes, AttemptShares shares, WebhookBreakers breakers, StoreClock clock, int concurrency, int concurrencyPerWebhook)
{
    // What waits in memory, as a multiple of what can be under way: some seconds of work for receivers of usual speed.
    private const int Factor = 32;

    // What a claim brings of a webhook of which nothing is known: one to try it with, and one to go on with.
    private const int OfUnknown = 2;

    private readonly int _mostFresh = Math.Max(1, Factor * concurrency * 7 / 10);
    private readonly int _mostBacklog = Math.Max(2 * concurrency, Factor * concurrency * 3 / 10);

    /// <summary>Whether one more can be handed over.</summary>
    /// <param name="lane">To whom.</param>
    /// <param name="fresh">How many wait that were handed over, or will.</param>
    public bool HasRoomForFresh(Lane lane, int fresh) =>
        fresh < _mostFresh
        && (lane.Tenant.Tenant.Length == 0 || lane.Tenant.Fresh < Math.Max(1, _mostFresh / 2))
        && lane.Fresh + lane.Reserved < MostFresh(lane);

    /// <summary>How many a claim may bring for this webhook; 0 while it has enough.</summary>
    public int ForBacklog(Lane lane)
    {
        if (HasEnough(lane.Tenant))
        {
            return 0;
        }

        var room = lane.Trust switch
        {
            LaneTrust.Slow => lane.Waiting == 0 ? 1 : 0,
            LaneTrust.New => lane.Backlog == 0 ? OfUnknown : 0,
            _ => lane.Backlog < lane.Limit ? 2 * lane.Limit : 0,
        };
        return breakers.Find(lane.WebhookId) is { } breaker ? Math.Clamp(breaker.Most(clock.Now) - lane.Taken, 0, room) : room;
    }

    /// <summary>
    /// What the next claim may bring. What waits for lanes that are full, slow or unknown counts for these alone: it must not keep others from being
    /// claimed. For unknown and for slow ones together there is no more room than they will get attempts in the time of a lease.
    /// </summary>
    public ClaimPlan Plan(WebhookSnapshot webhooks, int backlog)
    {
        var roomOf = new Dictionary<long, int>();
        var (moving, movingBacklog, unknown, slow, ofUnknown) = (0, 0, 0, 0, 0);
        foreach (var lane in lanes.Busy)
        {
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

            roomOf[lane.WebhookId] = room;
        }

        AddIdle(roomOf, forSlow, forUnknown);
        AddLimits(roomOf, webhooks, forUnknown);

        var free = Math.Max((2 * concurrency) - moving, Math.Max(1, 2 * concurrency * 3 / 10) - movingBacklog);
        var most = Math.Min(Math.Min(free, _mostBacklog - backlog), forUnknown + roomOf.Values.Sum() - ofUnknown);
        return new ClaimPlan(Math.Max(0, most), forUnknown > 0 ? OfUnknown : 0, roomOf);
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
                roomOf[lane.WebhookId] = ForBacklog(lane);
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

    private static bool HasEnough(TenantLanes tenant) => tenant.Tenant.Length > 0 && tenant.Backlog >= 2 * tenant.Concurrency;

    private int MostFresh(Lane lane)
    {
        var most = lane.Trust switch
        {
            // What can begin at once.
            LaneTrust.Slow => lane.Taken == 0 && shares.Free(LaneTrust.Slow) > 0 ? 1 : 0,
            LaneTrust.New => 2 * concurrencyPerWebhook,
            _ => Factor * concurrencyPerWebhook,
        };
        return breakers.Find(lane.WebhookId) switch
        {
            null => most,

            // Whose turn it is, is decided after a claim.
            { Status: BreakerStatus.Open or BreakerStatus.HalfOpen } => 0,
            var breaker => Math.Clamp(breaker.Most(clock.Now) - lane.Backlog - lane.Running, 0, most),
        };
    }
}
