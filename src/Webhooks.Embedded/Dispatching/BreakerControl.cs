using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Changes breakers by what attempts say, for all nodes. The counters are durable with the outcomes; if the process dies before a change is written, the
/// next attempt that fails finds them and makes the same change.
/// </summary>
internal sealed partial class BreakerControl(
    BreakerRepository repository,
    WebhookBreakers breakers,
    DispatchSignal signal,
    WebhookObservers observers,
    StoreClock clock,
    LiveOptions options,
    WebhookMetrics metrics,
    ILogger<BreakerControl> logger) : IDisposable
{
    private const int Tries = 3;

    // Many attempts of one webhook end at once, and what one of them writes the others need not. Webhooks that share a gate wait for each other for a
    // write at most.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 32).Select(_ => new SemaphoreSlim(1))];
    private readonly ILogger _logger = logger;

    /// <summary>Does what a recorded attempt says.</summary>
    /// <param name="record">The attempt, recorded.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    /// <returns>The counters that this was decided by; null where the webhook does well.</returns>
    public async Task<WebhookCounters?> FollowAsync(DeliveryRecord record, TimeSpan? retryAfter)
    {
        var (delivery, attempt) = (record.Delivery, record.Attempt!);
        var says = new BreakerInput(attempt.Outcome, attempt.StatusCode, retryAfter, IsProbe: false);
        if (record.Counters is null && !says.IsFailure
            && breakers.Find(delivery.WebhookId) is null or { Status: BreakerStatus.Closed, PauseReason: not PauseReason.Receiver })
        {
            return null;
        }

        var gate = _gates[delivery.WebhookId % _gates.Length];
        await gate.WaitAsync();
        try
        {
            return await FollowAsync(delivery, record.Counters, says);
        }
        catch (WebhookStoreException exception)
        {
            // The next attempt finds the same counters. A probe's pause ends with its lease.
            LogNotChanged(exception, delivery.WebhookId);
            return null;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Lets another probe go: this one was not sent.</summary>
    public async Task ReturnTurnAsync(LeasedDelivery delivery)
    {
        if (delivery.Turn is not { } turn || breakers.Find(delivery.WebhookId) is not { Status: BreakerStatus.HalfOpen } breaker || breaker.Sequence != turn)
        {
            return;
        }

        try
        {
            // Checkpoint: if the process dies here, the pause ends with the probe's lease.
            var open = breaker with { Status = BreakerStatus.Open, Sequence = turn + 1, PausedUntil = clock.Now };
            if (await repository.TryChangeAsync(turn, open, CancellationToken.None))
            {
                breakers.Remember(open);
                signal.Wake();
            }
        }
        catch (WebhookStoreException exception)
        {
            // As if the process had died.
            LogNotChanged(exception, delivery.WebhookId);
        }
    }

    public void Dispose()
    {
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private async Task<WebhookCounters?> FollowAsync(LeasedDelivery delivery, WebhookCounters? counters, BreakerInput says)
    {
        // Where it could not be counted yet, the row says how the webhook does without this attempt.
        counters ??= await repository.ReadAsync(delivery.WebhookId, CancellationToken.None);
        for (var attempt = 1; counters is not null; attempt++)
        {
            // Somebody on this node has changed it since these counters were read. Mostly there is nothing left to do then.
            var known = breakers.Find(delivery.WebhookId);
            var isOld = known?.Sequence > counters.Breaker.Sequence;
            if (isOld)
            {
                counters = counters with { Breaker = known! };
            }

            var from = counters.Breaker;
            var to = BreakerRules.Next(
                counters, says with { IsProbe = delivery.Turn == from.Sequence }, options.Current.Breaker, MostAtOnce(), clock.Now, Random.Shared.NextDouble());
            if (to is null || ((isOld || attempt > 1) && !IsUrgent(from, to)) || attempt > Tries)
            {
                breakers.Remember(from);
                return counters;
            }

            // Checkpoint: if the process dies here, nothing has changed, and the counters are in the row. By the sequence number only one node makes
            // this change.
            if (!isOld && await repository.TryChangeAsync(from.Sequence, to, CancellationToken.None))
            {
                breakers.Remember(to);
                Announce(delivery, counters, to);
                return counters with { Breaker = to };
            }

            counters = await repository.ReadAsync(delivery.WebhookId, CancellationToken.None);
        }

        return null;
    }

    // What somebody else has changed meanwhile was changed by attempts of the same moment: slow start goes one step at a time. That it opens, and what
    // the receiver asks for, is not to be lost.
    private static bool IsUrgent(WebhookBreaker from, WebhookBreaker to) =>
        to.Status == BreakerStatus.Open || (to.PauseReason == PauseReason.Receiver && to.PausedUntil != from.PausedUntil);

    private int MostAtOnce() => Math.Min(options.Current.ConcurrencyPerWebhook, options.Current.Concurrency);

    /// <summary>The change is durable.</summary>
    private void Announce(LeasedDelivery delivery, WebhookCounters counters, WebhookBreaker to)
    {
        var from = counters.Breaker;
        if (to.PausedUntil > clock.Now)
        {
            signal.WakeAt(to.PausedUntil.Value);
        }
        else
        {
            // There may be room for more.
            signal.Wake();
        }

        switch (from.Status, to.Status)
        {
            case (BreakerStatus.Closed or BreakerStatus.Recovering, BreakerStatus.Open):
                LogOpened(delivery.WebhookId, counters.Failures, StoredTime.Read(to.PausedUntil));
                metrics.BreakerOpened();
                observers.Opened(counters, to);
                break;
            case (not BreakerStatus.Closed, BreakerStatus.Closed):
                LogClosed(delivery.WebhookId);

                // After enabling, a webhook begins slowly too, without having been open.
                if (from.Openings > 0)
                {
                    observers.Recovered(delivery.WebhookId);
                }

                break;
        }
    }

    [LoggerMessage(2302, LogLevel.Warning, "Webhook {WebhookId} is left alone after {Failures} failures in a row; it is tried again at {Until}", EventName = "BreakerOpened")]
    private partial void LogOpened(long webhookId, int failures, DateTimeOffset? until);

    [LoggerMessage(2303, LogLevel.Information, "Webhook {WebhookId} is sent to as usual again", EventName = "BreakerClosed")]
    private partial void LogClosed(long webhookId);

    [LoggerMessage(2304, LogLevel.Warning, "The breaker of webhook {WebhookId} could not be changed; the next attempt tries again", EventName = "BreakerNotChanged")]
    private partial void LogNotChanged(Exception exception, long webhookId);
}
