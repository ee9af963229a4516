using System.Collections.Concurrent;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// What this node knows of the webhooks that are not sent to as usual, without asking the store: what the last claim read, and what this node has
/// changed itself since. It may be old by the time between two claims; what must not be is decided in the store, by the sequence number.
/// </summary>
internal sealed class WebhookBreakers(StoreClock clock)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<long, Known> _known = new();
    private long _changes;

    /// <summary>The breaker of a webhook; null where it is sent to as usual.</summary>
    public WebhookBreaker? Find(long webhookId) =>
        _known.TryGetValue(webhookId, out var known) && known.Breaker.IsThereNow ? known.Breaker : null;

    /// <summary>How many deliveries of a webhook may be under way at this node now; 0 while it is paused.</summary>
    public int Most(long webhookId) => Find(webhookId)?.Most(clock.Now) ?? int.MaxValue;

    /// <summary>How many attempts of a webhook this node makes at once while it recovers; null where there is no such limit.</summary>
    public int? SlowStart(long webhookId) => Find(webhookId) is { Status: BreakerStatus.Recovering, SlowStart: { } most } ? most : null;

    /// <summary>Whether a delivery must not be sent now: its webhook is paused, or waits for a probe, and this one has not the turn.</summary>
    /// <remarks>A turn that a rate limit gave is not lost when the next one is taken.</remarks>
    public bool HoldsBack(LeasedDelivery delivery) =>
        Find(delivery.WebhookId) is { } breaker && breaker.Sequence != delivery.Turn
        && !(delivery.Turn is not null && breaker is { PauseReason: PauseReason.RateLimit, Status: BreakerStatus.Closed or BreakerStatus.Recovering })
        && (breaker.IsPaused(clock.Now) || breaker.Status is BreakerStatus.Open or BreakerStatus.HalfOpen);

    /// <summary>To be called before a claim begins; <see cref="Read"/> wants it.</summary>
    public long BeginRead()
    {
        lock (_gate)
        {
            return _changes;
        }
    }

    /// <summary>Takes what a claim read: all breakers there are. What is not among them is closed, unless this node has changed it since the claim began.</summary>
    /// <param name="breakers"><see cref="ClaimResult.Breakers"/>.</param>
    /// <param name="begun">What <see cref="BeginRead"/> returned.</param>
    public void Read(IReadOnlyList<WebhookBreaker> breakers, long begun)
    {
        lock (_gate)
        {
            var read = breakers.ToDictionary(breaker => breaker.WebhookId);
            foreach (var (id, known) in _known)
            {
                if (known.Change <= begun && !read.ContainsKey(id))
                {
                    _known.TryRemove(id, out _);
                }
            }

            foreach (var breaker in breakers)
            {
                if (!_known.TryGetValue(breaker.WebhookId, out var known) || known.Breaker.Sequence < breaker.Sequence)
                {
                    _known[breaker.WebhookId] = new Known(breaker, Change: 0);
                }
            }
        }
    }

    /// <summary>Takes what this node has changed, or has just read, where it is newer than what is known. One that is closed is remembered too, until the next claim.</summary>
    public void Remember(WebhookBreaker breaker)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(breaker.WebhookId, out var known) || known.Breaker.Sequence < breaker.Sequence)
            {
                _known[breaker.WebhookId] = new Known(breaker, ++_changes);
            }
        }
    }

    private sealed record Known(WebhookBreaker Breaker, long Change);
}
