using Microsoft.Extensions.Options;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Leased deliveries that wait in memory for their turn, in a lane for each webhook: what <see cref="BufferRoom"/> lets in comes out as
/// <see cref="LaneTurns"/> says. One lock for all of it, held for a few steps that do not depend on how much there is.
/// </summary>
internal sealed class DeliveryBuffer : IHandover
{
    private const long MaxHandoverBytes = 64 * 1024 * 1024;

    // A webhook has room for as much as it gets done in this time, or in a quarter of what a delivery may wait.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(5);

    // After so many times that, its pace has turned out to be another one; of a slow one that is known after once.
    private const int MaxAhead = 3;

    private readonly Lock _gate = new();
    private readonly RunningAttempts _running = new();
    private readonly WebhookDirectory _webhooks;
    private readonly WebhookBreakers _breakers;
    private readonly KnownLanes _lanes;
    private readonly LaneTurns _turns;
    private readonly BufferRoom _room;
    private readonly DispatchSignal _signal;
    private readonly TimeProvider _time;
    private readonly long _quick;
    private readonly long _ahead;
    private readonly int _concurrency;
    private Action? _startWorker;
    private int _workers;
    private int _fresh;
    private int _backlog;
    private long _waitingBytes;
    private long _backlogBytes;
    private bool _isFull;
    private bool _moreIsDue;
    private int _wakeAtBacklog;
    private bool _isWoken;
    private bool _isClosed;

    public DeliveryBuffer(DispatchSignal signal, WebhookDirectory webhooks, WebhookBreakers breakers, StoreClock clock, IOptions<WebhooksOptions> options)
    {
        _signal = signal;
        _webhooks = webhooks;
        _breakers = breakers;
        _time = clock.TimeProvider;
        _concurrency = options.Value.Concurrency;
        var perWebhook = Math.Min(options.Value.ConcurrencyPerWebhook, _concurrency);
        var perTenant = Math.Min(options.Value.ConcurrencyPerTenant ?? (_concurrency + 1) / 2, _concurrency);
        var shares = new AttemptShares(_concurrency);
        _quick = (long)(LaneTurns.Quick.TotalSeconds * _time.TimestampFrequency);
        var longestWait = options.Value.LeaseDuration - options.Value.Timeout - AttemptRunner.TimeToRecord;
        _ahead = (long)(Math.Min(Ahead.TotalSeconds, longestWait.TotalSeconds / 4) * _time.TimestampFrequency);
        _lanes = new KnownLanes(webhooks, perTenant);
        _turns = new LaneTurns(shares, breakers, perWebhook, _time.TimestampFrequency);
        _room = new BufferRoom(_lanes, shares, breakers, clock, _concurrency, perWebhook, _ahead);
    }

    /// <summary>Lets deliveries in. <paramref name="startWorker"/> is called whenever one more worker can be of use.</summary>
    public void Open(Action startWorker)
    {
        lock (_gate)
        {
            _startWorker = startWorker;
        }
    }

    /// <summary>Keeps no more places, and lets no worker begin anything.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _startWorker = null;
            _isClosed = true;
        }
    }

    /// <summary>After <see cref="Close"/>: what was not begun.</summary>
    public IReadOnlyList<LeasedDelivery> TakeUnsent()
    {
        var taken = new List<LeasedDelivery>();
        TakeClaimedBefore(_ => (long.MaxValue, long.MaxValue), taken);
        return taken;
    }

    /// <summary>
    /// What has waited for longer than this: it could not be sent any more while its lease holds. And of a webhook that has become slow, or much slower
    /// than it was, what waits beyond the places that each has at any rate: other nodes may have room for it, and here it takes room from others.
    /// </summary>
    public IReadOnlyList<LeasedDelivery> TakeExpired(TimeSpan longestWait)
    {
        var taken = new List<LeasedDelivery>();
        var now = _time.GetTimestamp();
        var expired = now - (long)(longestWait.TotalSeconds * _time.TimestampFrequency);
        TakeClaimedBefore(lane => (expired, now - (lane.Trust == LaneTrust.Slow ? _ahead : MaxAhead * _ahead)), taken);
        return taken;
    }

    public bool TryReserve(long webhookId, int payloadBytes)
    {
        if (_webhooks.Current.Find(webhookId)?.RateLimit is not null)
        {
            // Its turn is taken after a claim, for all nodes.
            return false;
        }

        lock (_gate)
        {
            if (_startWorker is null || _waitingBytes + payloadBytes > MaxHandoverBytes)
            {
                return false;
            }

            var lane = _lanes.Use(webhookId);
            if (!_room.HasRoomForFresh(lane, _fresh))
            {
                _lanes.Settle(lane);
                return false;
            }

            lane.Reserved++;
            Count(lane, fresh: 1, backlog: 0, payloadBytes);
            return true;
        }
    }

    public void Cancel(long webhookId, int payloadBytes)
    {
        lock (_gate)
        {
            var lane = _lanes.Use(webhookId);
            lane.Reserved--;
            Count(lane, fresh: -1, backlog: 0, -payloadBytes);
            _lanes.Settle(lane);
        }
    }

    public void Accept(LeasedDelivery delivery)
    {
        Action? startWorker;
        lock (_gate)
        {
            var lane = _lanes.Use(delivery.WebhookId);
            lane.Reserved--;
            lane.AddFresh(delivery);
            startWorker = Added(lane);
        }

        startWorker?.Invoke();
    }

    public void NotifyDue(long dueAt) => _signal.WakeAt(dueAt);

    public void LeftBehind(long webhookId)
    {
        bool wantsMore;
        lock (_gate)
        {
            if (_startWorker is null)
            {
                return;
            }

            var lane = _lanes.Use(webhookId);
            lane.HasMoreDue = lane.HasMoreSince = true;

            // A slow one has its turn when one of its attempts is over, or with the next look: it must not cost a claim with each commit.
            wantsMore = lane.Trust != LaneTrust.Slow && WantsMore(lane);
        }

        if (wantsMore)
        {
            _signal.Wake();
        }
    }

    /// <summary>Takes a claimed delivery.</summary>
    public void Add(LeasedDelivery delivery)
    {
        Action? startWorker;
        lock (_gate)
        {
            var lane = _lanes.Use(delivery.WebhookId);
            lane.AddBacklog(delivery);
            Count(lane, fresh: 0, backlog: 1, delivery.Payload.Length);
            _backlogBytes += delivery.Payload.Length;
            startWorker = Added(lane);
        }

        startWorker?.Invoke();
    }

    /// <summary>The next delivery whose turn it is. False where there is none: then the worker ends.</summary>
    public bool TryTake(out BegunAttempt begun)
    {
        Action? startWorker = null;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            FindDelayed(now);
            if (_isClosed || _turns.Begin(now) is not { } lane)
            {
                _workers--;
                begun = default;
                return false;
            }

            var delivery = lane.Take(out var isFresh);
            Taken(lane, delivery, isFresh);
            _turns.Place(lane);
            begun = new BegunAttempt(delivery, _running.Begin(lane, now));
            startWorker = WorkerToStart();
        }

        startWorker?.Invoke();
        return true;
    }

    /// <summary>Says that an attempt is over, so that the lane's next one can begin.</summary>
    public void Done(BegunAttempt attempt)
    {
        bool wantsMore;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var lane = _running.End(attempt.Slot, out var beganAt);
            if (attempt.Delivery.AnsweredQuickly == true)
            {
                _room.Answered(lane, now - beganAt);
            }

            _turns.End(lane, attempt.Delivery.AnsweredQuickly, now);
            wantsMore = WantsMore(lane);
            _lanes.Settle(lane);
        }

        if (wantsMore)
        {
            _signal.Wake();
        }
    }

    /// <summary>What a claim may bring now.</summary>
    public ClaimPlan PlanClaim(WebhookSnapshot webhooks)
    {
        Action? startWorker;
        ClaimPlan plan;
        lock (_gate)
        {
            // A lane that has just become a slow one may have more under way than its last answers had earned it, and its worker is busy.
            FindDelayed(_time.GetTimestamp());
            startWorker = WorkerToStart();
            plan = _room.Plan(webhooks, _backlog, _backlogBytes);
            _isWoken = false;
            _moreIsDue = _isFull = plan.Max == 0;
            _wakeAtBacklog = _backlog / 2;
            foreach (var lane in _lanes.Busy)
            {
                lane.HasMoreSince = false;
                lane.Given = lane.Backlog;

                // What this claim leaves behind is to be looked for as soon as there is room, also when that is while the claim is under way.
                lane.HasMoreDue |= plan.Of(lane.WebhookId) == 0;
            }
        }

        startWorker?.Invoke();
        return plan;
    }

    /// <summary>Says what a claim has brought, before that is added, so that room is told of where there was not enough.</summary>
    public void Claimed(ClaimPlan plan, IReadOnlyList<LeasedDelivery> deliveries)
    {
        var counts = deliveries.CountBy(delivery => delivery.WebhookId).ToDictionary();
        lock (_gate)
        {
            if (deliveries.Count > 0)
            {
                _room.Claimed(deliveries.Count, deliveries.Sum(delivery => (long)delivery.Payload.Length));
            }

            _moreIsDue = deliveries.Count >= plan.Max;
            _wakeAtBacklog = _backlog + (deliveries.Count / 2);
            foreach (var (webhookId, count) in counts)
            {
                // The claim knew of breakers what other nodes have changed since it was planned, and may have brought fewer for that.
                var lane = _lanes.Use(webhookId);
                lane.HasMoreDue = lane.HasMoreSince || count >= Math.Min(plan.Of(webhookId), _breakers.Most(webhookId));
                lane.Given = lane.Backlog + count;
            }

            foreach (var (webhookId, room) in plan.RoomOf)
            {
                // Of those that had no room nothing is known, nor of those that a full claim did not come to.
                if (!counts.ContainsKey(webhookId) && _lanes.Find(webhookId) is { } lane && (room == 0 || !_moreIsDue))
                {
                    lane.HasMoreDue = lane.HasMoreSince || (room == 0 && !lane.IsEmpty);
                    _lanes.Settle(lane);
                }
            }
        }
    }

    /// <summary>
    /// Whether the dispatcher is to be woken for a claim: when half of what the last one gave the lane is used up, so that a claim brings much, and is made
    /// while the rest is sent. Where there was no room for a claim at all, when half of all that was claimed is used up.
    /// </summary>
    private bool WantsMore(Lane lane)
    {
        var wantsMore = !_isWoken
            && ((lane.HasMoreDue && !_isFull && lane.IsHalfUsed && _room.HasRoomForBacklog(lane)) || (_moreIsDue && _backlog <= _wakeAtBacklog));
        _isWoken |= wantsMore;
        return wantsMore;
    }

    private Action? Added(Lane lane)
    {
        _turns.Added(lane, _time.GetTimestamp());
        return WorkerToStart();
    }

    private Action? WorkerToStart()
    {
        if (_workers >= _concurrency || _startWorker is null || !_turns.HasNext)
        {
            return null;
        }

        _workers++;
        return _startWorker;
    }

    /// <summary>Those that take long lose trust now: before anything else is decided, and with no timer.</summary>
    private void FindDelayed(long now)
    {
        while (_running.TakeOverdue(now - _quick) is { } lane)
        {
            _turns.Delayed(lane, now);
        }
    }

    private void Count(Lane lane, int fresh, int backlog, int bytes)
    {
        _fresh += fresh;
        lane.Tenant.Fresh += fresh;
        _backlog += backlog;
        lane.Tenant.Backlog += backlog;
        _waitingBytes += bytes;
    }

    private void Taken(Lane lane, LeasedDelivery delivery, bool isFresh)
    {
        Count(lane, isFresh ? -1 : 0, isFresh ? 0 : -1, -delivery.Payload.Length);
        _backlogBytes -= isFresh ? 0 : delivery.Payload.Length;
    }

    /// <summary>Takes what was claimed before a time out of the lanes, and before another one what is beyond the places that a lane has at any rate.</summary>
    private void TakeClaimedBefore(Func<Lane, (long All, long Beyond)> time, List<LeasedDelivery> taken)
    {
        lock (_gate)
        {
            for (var place = _lanes.Busy.First; place is not null;)
            {
                var lane = place.Value;
                place = place.Next;
                var (all, beyond) = time(lane);
                while ((lane.TakeClaimedBefore(all, 0, 0, out var isFresh)
                    ?? lane.TakeClaimedBefore(beyond, _room.LeastFresh, _room.LeastBacklog, out isFresh)) is { } delivery)
                {
                    taken.Add(delivery);
                    Taken(lane, delivery, isFresh);
                }

                _turns.Place(lane);
                _lanes.Settle(lane);
            }
        }
    }
}
