using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Takes the turns of webhooks that only one node at a time may send to: the probe of a breaker that is open, and what a rate limit lets through in the
/// time that a turn pauses the webhook for all others. Several nodes may have claimed of such a webhook; which of them sends is decided by one compare-and-set in the store, after the claim and before anything is sent.
/// </summary>
internal sealed partial class WebhookTurns(
    BreakerRepository repository,
    WebhookBreakers breakers,
    WebhookDirectory webhooks,
    DispatchSignal signal,
    StoreWriter writer,
    StoreClock clock,
    ILogger<WebhookTurns> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Returns the claimed deliveries that this node may send, and gives back those of which another node has the turn.</summary>
    public async Task<IReadOnlyList<LeasedDelivery>> TakeAsync(IReadOnlyList<LeasedDelivery> claimed, long leaseEnd)
    {
        if (claimed.All(delivery => breakers.Find(delivery.WebhookId) is null && RateLimit(delivery.WebhookId) is null))
        {
            return claimed;
        }

        var taken = new List<LeasedDelivery>(claimed.Count);
        var others = new List<LeasedDelivery>();
        foreach (var ofWebhook in claimed.GroupBy(delivery => delivery.WebhookId))
        {
            var deliveries = ofWebhook.ToArray();
            var mine = await TryTakeAsync(breakers.Find(ofWebhook.Key), deliveries, leaseEnd);
            taken.AddRange(deliveries[..mine]);
            others.AddRange(deliveries[mine..]);
        }

        // Checkpoint: nothing was sent. If the process dies here, the leases end, and so does the pause of the turns that were taken.
        await Task.WhenAll(others.Select(delivery => writer.RecordAsync(DeliveryRecord.Release(delivery, clock.Now))));
        return taken;
    }

    /// <summary>How many of these deliveries, the first ones, this node may send.</summary>
    private async Task<int> TryTakeAsync(WebhookBreaker? breaker, LeasedDelivery[] deliveries, long leaseEnd)
    {
        try
        {
            return breaker switch
            {
                { Status: BreakerStatus.Open or BreakerStatus.HalfOpen } => await TryProbeAsync(breaker, deliveries[0], leaseEnd) ? 1 : 0,
                _ when RateLimit(deliveries[0].WebhookId) is { } rateLimit => await TryPaceAsync(breaker, deliveries, rateLimit) ? deliveries.Length : 0,
                _ => deliveries.Length,
            };
        }
        catch (WebhookStoreException exception)
        {
            // Not known whether it was taken. If it was, the pause ends with the lease. What is claimed must be given back, whatever the store does now.
            LogTurnNotTaken(exception, deliveries[0].WebhookId);
            return 0;
        }
    }

    private async Task<bool> TryProbeAsync(WebhookBreaker breaker, LeasedDelivery probe, long leaseEnd)
    {
        var halfOpen = new WebhookBreaker
        {
            WebhookId = breaker.WebhookId,
            Status = BreakerStatus.HalfOpen,
            Sequence = breaker.Sequence + 1,
            Openings = breaker.Openings,
            PausedUntil = leaseEnd,
            PauseReason = PauseReason.Breaker,
        };
        if (!await repository.TryChangeAsync(breaker.Sequence, halfOpen, CancellationToken.None))
        {
            return false;
        }

        breakers.Remember(halfOpen);
        probe.Turn = halfOpen.Sequence;
        return true;
    }

    /// <summary>Pauses the webhook, for this node as for all others, for as long as these deliveries use up its rate.</summary>
    private async Task<bool> TryPaceAsync(WebhookBreaker? breaker, LeasedDelivery[] deliveries, int rateLimit)
    {
        var webhookId = deliveries[0].WebhookId;
        var now = clock.Now;
        var until = now + (long)Math.Ceiling(deliveries.Length * 1000.0 / rateLimit);
        if (await repository.TryPauseAsync(webhookId, PauseReason.RateLimit, now, until, CancellationToken.None) is not { } sequence)
        {
            return false;
        }

        breakers.Remember(new WebhookBreaker
        {
            WebhookId = webhookId,
            Status = breaker?.Status ?? BreakerStatus.Closed,
            Sequence = sequence,
            Openings = breaker?.Openings ?? 0,
            PausedUntil = until,
            PauseReason = PauseReason.RateLimit,
            SlowStart = breaker?.SlowStart,
        });
        foreach (var delivery in deliveries)
        {
            delivery.Turn = sequence;
        }

        // The claim did not know of this pause: what it left behind can be claimed when it is over.
        signal.WakeAt(until);
        return true;
    }

    private int? RateLimit(long webhookId) => webhooks.Current.Find(webhookId)?.RateLimit;

    [LoggerMessage(2350, LogLevel.Warning, "The turn of webhook {WebhookId} could not be taken; its deliveries are given back and claimed again", EventName = "TurnNotTaken")]
    private partial void LogTurnNotTaken(Exception exception, long webhookId);
}
