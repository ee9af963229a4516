using Microsoft.Extensions.Options;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Leased deliveries that wait in memory for their turn, in a lane for each webhook. Lanes take turns, and none has more attempts under
/// way than <see cref="WebhooksOptions.ConcurrencyPerWebhook"/>, so that one slow receiver holds up nobody else.
/// </summary>
internal sealed class DeliveryBuffer : IHandover
{
    // What the hand-over may fill, as a multiple of what can be under way: some seconds of work for a receiver of usual speed.
    private const int HandoverFactor = 32;
    private const long MaxHandoverBytes = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = new();
    private readonly DispatchSignal _signal;
    private readonly WebhookBreakers _breakers;
    private readonly int _concurrency;
    private readonly int _concurrencyPerWebhook;
    private Action? _startWorker;
    private int _workers;
    private int _waiting;
    private long _waitingBytes;
    private bool _moreIsDue;
    private bool _isClosed;

    public DeliveryBuffer(DispatchSignal signal, WebhookBreakers breakers, IOptions<WebhooksOptions> options)
    {
        _signal = signal;
        _breakers = breakers;
        _concurrency = options.Value.Concurrency;
        _concurrencyPerWebhook = Math.Min(options.Value.ConcurrencyPerWebhook, _concurrency);
    }

    /// <summary>How many deliveries a claim may bring. What waits in full lanes counts for the memory alone: it must not keep others from being claimed.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                var moving = _lanes.Values.Where(lane => !IsFull(lane)).Sum(lane => lane.Waiting.Count);
                return Math.Max(0, Math.Min((2 * _concurrency) - moving, (HandoverFactor * _concurrency) - _waiting));
            }
        }
    }

    /// <summary>How many deliveries a claim may bring for one webhook.</summary>
    public int RoomPerWebhook => 2 * _concurrencyPerWebhook;

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
            _ready.Clear();
            _isClosed = true;
        }
    }

    /// <summary>After <see cref="Close"/>: what was not begun.</summary>
    public IReadOnlyList<LeasedDelivery> TakeUnsent()
    {
        lock (_gate)
        {
            var unsent = _lanes.Values.SelectMany(lane => lane.Waiting).ToArray();
            foreach (var lane in _lanes.Values)
            {
                lane.Waiting.Clear();
            }

            return unsent;
        }
    }

    public bool TryReserve(long webhookId, int payloadBytes)
    {
        lock (_gate)
        {
            if (_startWorker is null || _waiting >= HandoverFactor * _concurrency || _waitingBytes + payloadBytes > MaxHandoverBytes)
            {
                return false;
            }

            // What its breaker does not let through is stored as due, and comes by a claim, which asks the store.
            _lanes.TryGetValue(webhookId, out var lane);
            var before = lane is null ? 0 : lane.Waiting.Count + lane.Reserved;
            if (before >= HandoverFactor * _concurrencyPerWebhook || !_breakers.LetsThrough(webhookId, before + (lane?.Running ?? 0)))
            {
                return false;
            }

            lane ??= LaneOf(webhookId);
            lane.Reserved++;
            _waiting++;
            _waitingBytes += payloadBytes;
            return true;
        }
    }

    public void Cancel(long webhookId, int payloadBytes)
    {
        lock (_gate)
        {
            Unreserve(webhookId, payloadBytes);
        }
    }

    public void Accept(LeasedDelivery delivery)
    {
        lock (_gate)
        {
            Unreserve(delivery.WebhookId, delivery.Payload.Length);
        }

        Add(delivery);
    }

    public void NotifyDue(long dueAt) => _signal.WakeAt(dueAt);

    /// <summary>Takes a claimed delivery.</summary>
    public void Add(LeasedDelivery delivery)
    {
        Action? startWorker = null;
        lock (_gate)
        {
            var lane = LaneOf(delivery.WebhookId);
            lane.Waiting.Enqueue(delivery);
            _waiting++;
            _waitingBytes += delivery.Payload.Length;
            MakeReady(lane);
            if (_ready.Count > 0 && _workers < _concurrency && _startWorker is not null)
            {
                _workers++;
                startWorker = _startWorker;
            }
        }

        startWorker?.Invoke();
    }

    /// <summary>The next delivery whose turn it is. False where there is none: then the worker ends.</summary>
    public bool TryTake(out LeasedDelivery delivery)
    {
        lock (_gate)
        {
            if (!_ready.TryDequeue(out var lane))
            {
                _workers--;
                delivery = null!;
                return false;
            }

            lane.IsReady = false;
            delivery = lane.Waiting.Dequeue();
            lane.Running++;
            _waiting--;
            _waitingBytes -= delivery.Payload.Length;
            MakeReady(lane);
            return true;
        }
    }

    /// <summary>Says that an attempt is over, so that the lane's next one can begin.</summary>
    public void Done(LeasedDelivery delivery)
    {
        var wantsMore = false;
        lock (_gate)
        {
            var lane = _lanes[delivery.WebhookId];
            lane.Running--;
            MakeReady(lane);
            if (_moreIsDue && !IsFull(lane))
            {
                _moreIsDue = false;
                wantsMore = true;
            }

            Remove(lane);
        }

        if (wantsMore)
        {
            _signal.Wake();
        }
    }

    /// <summary>The webhooks for which a claim may bring less than <see cref="RoomPerWebhook"/>: those that have enough waiting in memory, and those that begin slowly.</summary>
    public Dictionary<long, int> RoomOf()
    {
        lock (_gate)
        {
            var rooms = new Dictionary<long, int>();
            foreach (var lane in _lanes.Values)
            {
                if (IsFull(lane))
                {
                    rooms.Add(lane.WebhookId, 0);
                }
                else if (_breakers.SlowStart(lane.WebhookId) is { } most)
                {
                    rooms.Add(lane.WebhookId, Math.Clamp(most - lane.Waiting.Count - lane.Reserved - lane.Running, 0, RoomPerWebhook));
                }
            }

            return rooms;
        }
    }

    /// <summary>Says that the last claim left due deliveries behind for want of room, so that room is worth telling of.</summary>
    public void ExpectMore()
    {
        lock (_gate)
        {
            _moreIsDue = true;
        }
    }

    private int ConcurrencyOf(Lane lane) => Math.Min(_concurrencyPerWebhook, _breakers.SlowStart(lane.WebhookId) ?? _concurrencyPerWebhook);

    private bool IsFull(Lane lane) => lane.Waiting.Count >= _concurrencyPerWebhook;

    private Lane LaneOf(long webhookId)
    {
        if (!_lanes.TryGetValue(webhookId, out var lane))
        {
            _lanes.Add(webhookId, lane = new Lane(webhookId));
        }

        return lane;
    }

    private void Unreserve(long webhookId, int payloadBytes)
    {
        var lane = _lanes[webhookId];
        lane.Reserved--;
        _waiting--;
        _waitingBytes -= payloadBytes;
        Remove(lane);
    }

    private void MakeReady(Lane lane)
    {
        if (!_isClosed && !lane.IsReady && lane.Waiting.Count > 0 && lane.Running < ConcurrencyOf(lane))
        {
            lane.IsReady = true;
            _ready.Enqueue(lane);
        }
    }

    private void Remove(Lane lane)
    {
        if (lane is { Reserved: 0, Running: 0, Waiting.Count: 0 })
        {
            _lanes.Remove(lane.WebhookId);
        }
    }

    private sealed class Lane(long webhookId)
    {
        public long WebhookId { get; } = webhookId;

        public Queue<LeasedDelivery> Waiting { get; } = new();

        public int Reserved { get; set; }

        public int Running { get; set; }

        /// <summary>Whether it stands in the line for the next worker.</summary>
        public bool IsReady { get; set; }
    }
}
