using System.Globalization;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>When the next attempt of a delivery is due, and why then.</summary>
internal sealed record NextAttempt
{
    // Times are stored in whole milliseconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(2);

    // The receiver's own wish is cut there.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>Null where none is planned until a person acts.</summary>
    [JsonPropertyName("dueAt")]
    public required DateTimeOffset? DueAt { get; init; }

    [JsonPropertyName("because"), JsonConverter(typeof(SnakeCaseConverter<NextAttemptReason>))]
    public required NextAttemptReason Because { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <param name="delivery">The delivery.</param>
    /// <param name="retry">The app's schedule, which a webhook's own goes before; null where it is not known.</param>
    /// <returns>Null where the delivery is finished.</returns>
    public static NextAttempt? Of(WebhookDelivery delivery, WebhookRetryOptions? retry)
    {
        retry = retry is null || delivery.RetryDelays is null ? retry : new() { Delays = [.. delivery.RetryDelays], Jitter = retry.Jitter };
        (NextAttemptReason, string)? reason = delivery.Status switch
        {
            WebhookDeliveryStatus.Pending =>
                (NextAttemptReason.First, "No attempt was made yet. The first one is made as soon as a node has room for it."),
            WebhookDeliveryStatus.Leased => (
                NextAttemptReason.UnderWay,
                "A node makes an attempt right now. Should it never record what came of it, another node has its turn at the time given."),
            WebhookDeliveryStatus.Parked when delivery.LastAttempt?.Outcome == WebhookAttemptOutcome.SecretUnreadable =>
                (NextAttemptReason.SecretUnreadable, "Held, because the webhook's secret or one of its headers cannot be read. It goes on by itself when the keys are back; if they are lost, rotate the secret and set the headers anew."),
            WebhookDeliveryStatus.Parked =>
                (NextAttemptReason.WebhookDisabled, "Held, because the webhook was disabled. Enable it with sendParked, or retry this one afterwards."),
            WebhookDeliveryStatus.Retrying => OfRetry(delivery, retry),
            _ => null,
        };
        return reason is not var (because, detail) ? null
            : OfPause(delivery) ?? new NextAttempt { DueAt = delivery.DueAt, Because = because, Detail = detail };
    }

    /// <summary>What is due while its webhook is paused waits for the end of the pause.</summary>
    private static NextAttempt? OfPause(WebhookDelivery delivery)
    {
        if (delivery is not { Status: WebhookDeliveryStatus.Pending or WebhookDeliveryStatus.Retrying, WebhookPausedUntil: { } until, DueAt: { } dueAt } || dueAt >= until)
        {
            return null;
        }

        var (because, detail) = delivery.WebhookPauseReason switch
        {
            WebhookPauseReason.Breaker => (
                NextAttemptReason.BreakerOpen,
                "Too many attempts of the webhook have failed, so it is left alone for a while. One delivery is tried then, this one or another; waiting uses up no attempt."),
            WebhookPauseReason.RateLimit => (NextAttemptReason.RateLimited, "The webhook's rate limit is used up."),
            _ => (NextAttemptReason.ReceiverAsked, "The receiver asked for time, or has too much to do, so nothing is sent to the webhook until then."),
        };
        return new NextAttempt { DueAt = until, Because = because, Detail = detail };
    }

    // The reason is not stored: it follows from how long the delivery waits.
    private static (NextAttemptReason, string) OfRetry(WebhookDelivery delivery, WebhookRetryOptions? retry)
    {
        if (delivery is { LastAttempt: { } last, DueAt: { } dueAt } && retry is not null && last.Number <= retry.Delays.Count)
        {
            var delay = retry.Delays[last.Number - 1];
            var spread = delay * retry.Jitter;
            var wait = dueAt - last.FinishedAt;
            if ((wait - delay).Duration() <= spread + Rounding)
            {
                var jitter = retry.Jitter > 0 ? string.Create(CultureInfo.InvariantCulture, $" ±{retry.Jitter * 100:0.#} %") : "";
                return (
                    NextAttemptReason.Schedule,
                    $"Retry {last.Number} of {retry.Delays.Count} of the schedule: {Spelled(delay)}{jitter} after attempt {last.Number}.");
            }

            if (wait > delay && wait <= LongestRetryAfter + Rounding && AskedToWait(last))
            {
                return (
                    NextAttemptReason.RetryAfter,
                    $"The receiver asked for the wait with Retry-After; it is given {Spelled(LongestRetryAfter)} at most.");
            }
        }

        return (
            NextAttemptReason.Moved,
            "Not by the schedule as it is now: a person asked for it, a node gave it back or died with it, or the schedule has changed.");
    }

    private static bool AskedToWait(WebhookAttempt attempt) =>
        attempt.ResponseHeaders.Any(header => header.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase));

    private static string Spelled(TimeSpan time)
    {
        var (value, unit) = time switch
        {
            { TotalHours: >= 1 } => (time.TotalHours, "h"),
            { TotalMinutes: >= 1 } => (time.TotalMinutes, "min"),
            _ => (time.TotalSeconds, "s"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {unit}");
    }
}

/// <summary>Why the next attempt is when it is.</summary>
internal enum NextAttemptReason
{
    /// <summary>It is the first one.</summary>
    First,

    /// <summary>It is being made.</summary>
    UnderWay,

    /// <summary>The schedule of retries.</summary>
    Schedule,

    /// <summary>The receiver's wish.</summary>
    RetryAfter,

    /// <summary>The webhook is left alone because too many of its attempts have failed.</summary>
    BreakerOpen,

    /// <summary>The webhook is paused because its receiver asked for it, or has too much to do.</summary>
    ReceiverAsked,

    /// <summary>The webhook is paused because its rate limit is used up.</summary>
    RateLimited,

    /// <summary>Something else than the schedule.</summary>
    Moved,

    /// <summary>There is none, because the webhook was disabled.</summary>
    WebhookDisabled,

    /// <summary>There is none, because the secret could not be read.</summary>
    SecretUnreadable,
}
