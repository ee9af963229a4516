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
    private readonly int _concurrency;
    private Action? _startWorker;
    private int _workers;
    private int _fresh;
    private int _backlog;
    private long _waitingBytes;
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
        _lanes = new KnownLanes(webhooks, perTenant);
        _turns = new LaneTurns(shares, breakers, perWebhook, _time.TimestampFrequency);
        _room = new BufferRoom(_lanes, shares, breakers, clock, _concurrency, perWebhook);
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
    public IReadOnlyList<LeasedDelivery> TakeUnsent() => TakeClaimedBefore(long.MaxValue);

    /// <summary>What has waited for longer than this: it could not be sent any more while its lease holds.</summary>
    public IReadOnlyList<LeasedDelivery> TakeExpired(TimeSpan longestWait) =>
        TakeClaimedBefore(_time.GetTimestamp() - (long)(longestWait.TotalSeconds * _time.TimestampFrequency));

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

    /// <summary>Takes a claimed delivery.</summary>
    public void Add(LeasedDelivery delivery)
    {
        Action? startWorker;
        lock (_gate)
        {
            var lane = _lanes.Use(delivery.WebhookId);
            lane.AddBacklog(delivery);
            Count(lane, fresh: 0, backlog: 1, delivery.Payload.Length);
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
            Count(lane, isFresh ? -1 : 0, isFresh ? 0 : -1, -delivery.Payload.Length);
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
        var wantsMore = false;
        lock (_gate)
        {
            var lane = _running.End(attempt.Slot);
            _turns.End(lane, attempt.Delivery.AnsweredQuickly, _time.GetTimestamp());
            if (!_isWoken && ((lane.HasMoreDue && _room.ForBacklog(lane) > 0) || (_moreIsDue && _backlog <= _wakeAtBacklog)))
            {
                _isWoken = wantsMore = true;
            }

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
            plan = _room.Plan(webhooks, _backlog);
            _isWoken = false;
            _moreIsDue = plan.Max == 0;
            _wakeAtBacklog = _backlog / 2;
            foreach (var lane in _lanes.Busy)
            {
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
            _moreIsDue = deliveries.Count >= plan.Max;
            _wakeAtBacklog = _backlog + (deliveries.Count / 2);
            foreach (var (webhookId, count) in counts)
            {
                // The claim knew of breakers what other nodes have changed since it was planned, and may have brought fewer for that.
                _lanes.Use(webhookId).HasMoreDue = count >= Math.Min(plan.Of(webhookId), _breakers.Most(webhookId));
            }

            foreach (var (webhookId, room) in plan.RoomOf)
            {
                // Of those that had no room nothing is known, nor of those that a full claim did not come to.
                if (!counts.ContainsKey(webhookId) && _lanes.Find(webhookId) is { } lane && (room == 0 || !_moreIsDue))
                {
                    lane.HasMoreDue = room == 0 && !lane.IsEmpty;
                    _lanes.Settle(lane);
                }
            }
        }
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

    private List<LeasedDelivery> TakeClaimedBefore(long timestamp)
    {
        var taken = new List<LeasedDelivery>();
        lock (_gate)
        {
            for (var place = _lanes.Busy.First; place is not null;)
            {
                var lane = place.Value;
                place = place.Next;
                while (lane.TakeClaimedBefore(timestamp, out var isFresh) is { } delivery)
                {
                    taken.Add(delivery);
                    Count(lane, isFresh ? -1 : 0, isFresh ? 0 : -1, -delivery.Payload.Length);
                }

                _turns.Place(lane);
                _lanes.Settle(lane);
            }
        }

        return taken;
    }
}
