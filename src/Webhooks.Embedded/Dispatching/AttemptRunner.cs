using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// One attempt of a leased delivery, from top to bottom:
/// <list type="number">
/// <item>Is it still to be sent, and by this node?</item>
/// <item>Sign.</item>
/// <item>Send, and see what came of it.</item>
/// <item>Decide what is next.</item>
/// <item>Record both.</item>
/// </list>
/// </summary>
internal sealed partial class AttemptRunner(
    WebhookDirectory webhooks,
    WebhookBreakers breakers,
    AttemptSender sender,
    StoreWriter writer,
    UnrecordedSuccesses successes,
    AttemptFollowUp followUp,
    WebhookDisabling disabling,
    StoreClock clock,
    AttemptSigner signer,
    UnreadableWebhooks unreadable,
    LiveOptions options,
    WebhookMetrics metrics,
    ILogger<AttemptRunner> logger)
{
    /// <summary>How often a delivery is claimed without a recorded outcome before it is taken for what kills its nodes.</summary>
    public const int MaxClaims = 5;

    private const int Gone = 410;

    /// <summary>What comes after the request's deadline: 2 s for the response's body, 1 s for recording.</summary>
    public static readonly TimeSpan TimeToRecord = TimeSpan.FromSeconds(3);

    /// <summary>What a lease must hold beyond the request's deadline: <see cref="TimeToRecord"/>, and 2 s to wait in memory. Without those nothing would ever be sent.</summary>
    public static readonly TimeSpan LeaseBeyondTimeout = TimeToRecord + TimeSpan.FromSeconds(2);

    private readonly TimeSpan _leaseDuration = options.Current.LeaseDuration;
    private readonly ILogger _logger = logger;

    /// <summary>How long a delivery may wait in memory and still be sent while its lease holds.</summary>
    public TimeSpan LongestWait => _leaseDuration - TimeoutOf(webhook: null) - TimeToRecord;

    /// <summary>
    /// Makes the attempt, and returns when its place is free for the next one. A failure holds it until it is durable and the webhook's breaker has seen
    /// it, so that no more attempts are used up than the options let be made at once; a success does not, as long as <see cref="UnrecordedSuccesses"/>
    /// has room for it.
    /// </summary>
    /// <param name="delivery">A delivery that this node has leased.</param>
    /// <param name="stopping">Aborts the request, when the host's time for stopping is over.</param>
    public async Task RunAsync(LeasedDelivery delivery, CancellationToken stopping)
    {
        // 1. Is it still to be sent, and by this node?
        var webhook = webhooks.Current.Find(delivery.WebhookId);
        var timeout = TimeoutOf(webhook);
        if (WithoutAttempt(delivery, webhook, timeout) is { } unsent)
        {
            // Checkpoint: no byte was sent. If the process dies here, the lease ends and the next claim comes to the same decision.
            await RecordAsync(unsent);
            return;
        }

        // 2. Sign, with every secret that is in use at this moment.
        var startedAt = clock.Now;
        if (!signer.TrySign(delivery, webhook!, startedAt, out var request, out var unsigned))
        {
            // Checkpoint: no byte was sent. If the process dies here, the next claim comes to the same decision.
            await RecordAsync(Next(delivery, webhook!, unsigned, retryAfter: null));
            return;
        }

        // 3. Send, and see what came of it.
        var started = clock.TimeProvider.GetTimestamp();

        // Checkpoint: if the process dies from here on, the receiver may have the request. The lease ends, the next claim shows this
        // attempt as interrupted, and another one is made with the same webhook-id and bytes.
        var answer = await sender.SendAsync(webhook!, request.Headers, delivery.Payload, timeout, stopping);
        var duration = clock.TimeProvider.GetElapsedTime(started);
        delivery.AnsweredQuickly = LaneTurns.IsQuick(answer.Outcome, duration);

        // 4. Decide what is next.
        var attempt = new AttemptData
        {
            Number = delivery.Attempts + 1,
            StartedAt = startedAt,
            DurationMs = (int)duration.TotalMilliseconds,
            Outcome = answer.Outcome,
            StatusCode = answer.StatusCode,
            Error = answer.Error,
            UrlNumber = webhook!.UrlNumber,
            Signature = request.Signature,
            ResponseHeaders = answer.Headers,
            ResponseBody = answer.Body,
            ResponseTruncated = answer.IsTruncated,
        };
        if (attempt.StatusCode == Gone)
        {
            // Checkpoint: if the process dies before the attempt is recorded, the webhook is disabled and this delivery is parked when its lease has ended.
            await disabling.GoneAsync(webhook, attempt);
        }

        var next = Next(delivery, webhook, attempt, answer.RetryAfter);

        // 5. Record both.
        // Checkpoint: the writer has it. If the process dies before the recording ends, it is as if it had died in step 3; after it, never.
        var recording = RecordAsync(next, answer, duration);
        if (!DoesWell(webhook.Id, answer) || !successes.TryWatch(webhook.Id, recording))
        {
            await recording;
        }
    }

    /// <summary>Gives back what was not begun, for any node to have, and with it its turn.</summary>
    public Task ReleaseAsync(IEnumerable<LeasedDelivery> deliveries) =>
        Task.WhenAll(deliveries.Select(delivery => RecordAsync(DeliveryRecord.Release(delivery, clock.Now))));

    /// <summary>Whether nothing that follows could be a reason to hold the next attempt back. While a breaker lets its webhook recover step by step, there is one.</summary>
    private bool DoesWell(long webhookId, Answer answer) => answer.Outcome == WebhookAttemptOutcome.Delivered && breakers.Find(webhookId) is null;

    private async Task RecordAsync(DeliveryRecord record, Answer answer, TimeSpan duration)
    {
        await RecordAsync(record, answer.RetryAfter);
        metrics.AttemptMade(answer.Outcome, answer.StatusCode, duration);
    }

    /// <summary>Records, and does what follows from it for the webhook.</summary>
    private async Task RecordAsync(DeliveryRecord record, TimeSpan? retryAfter = null)
    {
        await writer.RecordAsync(record);
        await followUp.FollowAsync(record, retryAfter);
    }

    /// <summary>The timeout is read live and the lease at the start: one that has become too long for it is cut, or nothing could be sent.</summary>
    private TimeSpan TimeoutOf(KnownWebhook? webhook)
    {
        var longest = _leaseDuration - LeaseBeyondTimeout;
        var wanted = webhook?.Timeout ?? options.Current.Timeout;
        return wanted < longest ? wanted : longest;
    }

    /// <summary>What to record where no attempt is to be made; null where one is.</summary>
    private DeliveryRecord? WithoutAttempt(LeasedDelivery delivery, KnownWebhook? webhook, TimeSpan timeout)
    {
        if (delivery.Claims > MaxClaims)
        {
            LogQuarantined(delivery.Id, delivery.WebhookId, MaxClaims);
            return DeliveryRecord.Finish(delivery, null, WebhookDeliveryStatus.Quarantined, clock.Now);
        }

        if (webhook is null)
        {
            return DeliveryRecord.Finish(delivery, null, WebhookDeliveryStatus.Cancelled, clock.Now);
        }

        if (!webhook.Enabled)
        {
            return DeliveryRecord.Park(delivery, null);
        }

        // Waiting for a breaker or for what the receiver asked for uses up no attempt. It stays due, and the claim passes over it until the pause is over.
        if (breakers.HoldsBack(delivery))
        {
            return DeliveryRecord.Release(delivery, clock.Now);
        }

        // By the node's monotonic clock, for a node that was stopped for a while must not send what another node has by now.
        return clock.TimeProvider.GetElapsedTime(delivery.ClaimedTimestamp) + timeout + TimeToRecord > _leaseDuration
            ? DeliveryRecord.Release(delivery, clock.Now)
            : null;
    }

    private DeliveryRecord Next(LeasedDelivery delivery, KnownWebhook webhook, AttemptData attempt, TimeSpan? retryAfter)
    {
        if (attempt.Outcome == WebhookAttemptOutcome.Delivered)
        {
            return DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, attempt.FinishedAt);
        }

        if (attempt.Outcome == WebhookAttemptOutcome.SecretUnreadable)
        {
            return unreadable.Next(delivery, attempt);
        }

        // Held, not given up, even if it was the last attempt. Where the webhook has another URL by now, or was enabled again, it goes by the schedule.
        if (attempt.StatusCode == Gone && webhooks.Current.Find(delivery.WebhookId) is { Enabled: false })
        {
            return DeliveryRecord.Park(delivery, attempt);
        }

        var random = Random.Shared.NextDouble();
        if (RetrySchedule.Next(RetrySchedule.Of(webhook.RetryDelays, options.Current.Retry), attempt.Number, retryAfter, random) is not { } delay)
        {
            if (attempt.Outcome == WebhookAttemptOutcome.SignatureFailed)
            {
                // The receiver was never asked: it is not given up, but waits for a person who mends the app or chooses another profile.
                return DeliveryRecord.Park(delivery, attempt);
            }

            LogExhausted(delivery.Id, delivery.WebhookId, attempt.Number, attempt.Outcome);
            return DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Exhausted, attempt.FinishedAt);
        }

        // The webhook may have been deleted or disabled meanwhile, when leased deliveries were left to end.
        return webhooks.Current.Find(delivery.WebhookId) switch
        {
            null => DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Cancelled, attempt.FinishedAt),
            { Enabled: false } => DeliveryRecord.Park(delivery, attempt),
            _ => DeliveryRecord.Retry(delivery, attempt, attempt.FinishedAt + (long)delay.TotalMilliseconds),
        };
    }

    [LoggerMessage(2101, LogLevel.Warning, "Delivery {DeliveryId} to webhook {WebhookId} is exhausted after {Attempts} attempts; the last one ended with {Outcome}", EventName = "DeliveryExhausted")]
    private partial void LogExhausted(long deliveryId, long webhookId, int attempts, WebhookAttemptOutcome outcome);

    [LoggerMessage(2102, LogLevel.Error, "Delivery {DeliveryId} to webhook {WebhookId} is quarantined: it was claimed {MaxClaims} times, and no outcome was ever recorded", EventName = "DeliveryQuarantined")]
    private partial void LogQuarantined(long deliveryId, long webhookId, int maxClaims);
}
