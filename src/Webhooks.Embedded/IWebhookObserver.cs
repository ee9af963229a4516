namespace Webhooks.Embedded;

/// <summary>
/// Hears of what befalls webhooks, so that an app can write to their owners. Register one with <c>AddObserver</c>, and implement what is wanted.
/// </summary>
/// <remarks>
/// It is told by the node where it happened, after the fact is durable, one thing after the other, and never on the way of a delivery. A node
/// that dies in between does not tell: what is so can always be read from the webhook (<see cref="Webhook.Health"/>, <see cref="Webhook.DisabledReason"/>)
/// and from the log. What an observer throws is logged. While one is slow, up to 1,000 notices wait in memory; what comes beyond that is logged and not told.
/// </remarks>
public interface IWebhookObserver
{
    /// <summary>A webhook has failed for a while. If that goes on, it is disabled. Told after 1/5, 3/5 and 4/5 of <see cref="WebhooksOptions.DisableAfter"/>, each once.</summary>
    /// <param name="warning">What has failed since when.</param>
    /// <param name="cancellationToken">Cancelled when the host's time for stopping is over.</param>
    Task WarnedAsync(WebhookWarning warning, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A webhook was disabled by the library, not by a person. Its deliveries are parked.</summary>
    /// <param name="disabled">Which one, and why.</param>
    /// <param name="cancellationToken">Cancelled when the host's time for stopping is over.</param>
    Task DisabledAsync(WebhookDisabled disabled, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A delivery is out of scheduled attempts. It stays in the log until retention takes it, and can be retried.</summary>
    /// <param name="exhausted">Which one.</param>
    /// <param name="cancellationToken">Cancelled when the host's time for stopping is over.</param>
    Task ExhaustedAsync(DeliveryExhausted exhausted, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Too many attempts of a webhook have failed: it is left alone for a while, then tried with one delivery. Told once, until it has recovered or fails anew while it recovers.</summary>
    /// <param name="opened">Which one, and until when.</param>
    /// <param name="cancellationToken">Cancelled when the host's time for stopping is over.</param>
    Task BreakerOpenedAsync(WebhookBreakerOpened opened, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A webhook that was left alone is sent to as usual again.</summary>
    /// <param name="recovered">Which one.</param>
    /// <param name="cancellationToken">Cancelled when the host's time for stopping is over.</param>
    Task RecoveredAsync(WebhookRecovered recovered, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What befell a webhook.</summary>
public abstract record WebhookNotice
{
    /// <summary>The webhook's number.</summary>
    public required long WebhookId { get; init; }

    /// <summary>Whose webhook it is; empty where the app has no tenants.</summary>
    public required string Tenant { get; init; }

    /// <summary>When it befell.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>A webhook has failed for a while, and is disabled if that goes on.</summary>
public sealed record WebhookWarning : WebhookNotice
{
    /// <summary>When the first of the failures was over; since then no attempt has succeeded.</summary>
    public required DateTimeOffset FailingSince { get; init; }

    /// <summary>How many attempts have failed since.</summary>
    public required int Failures { get; init; }

    /// <summary>Why the last one failed.</summary>
    public required string? LastFailure { get; init; }

    /// <summary>From when on the next failure disables it.</summary>
    public required DateTimeOffset DisabledAt { get; init; }
}

/// <summary>A webhook was disabled by the library.</summary>
public sealed record WebhookDisabled : WebhookNotice
{
    /// <summary>What made the library disable it.</summary>
    public required WebhookDisabledCause Cause { get; init; }

    /// <summary>The same for people; also in <see cref="Webhook.DisabledReason"/>.</summary>
    public required string Reason { get; init; }
}

/// <summary>What makes the library disable a webhook.</summary>
public enum WebhookDisabledCause
{
    /// <summary>The receiver answered 410 Gone.</summary>
    Gone,

    /// <summary>No attempt has succeeded for <see cref="WebhooksOptions.DisableAfter"/>.</summary>
    Failing,
}

/// <summary>A delivery is out of scheduled attempts.</summary>
public sealed record DeliveryExhausted : WebhookNotice
{
    /// <summary>The delivery's id.</summary>
    public required long DeliveryId { get; init; }

    /// <summary>The event's id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The trigger that occurred.</summary>
    public required string Trigger { get; init; }

    /// <summary>How many attempts were made.</summary>
    public required int Attempts { get; init; }

    /// <summary>How the last one ended.</summary>
    public required WebhookAttemptOutcome Outcome { get; init; }

    /// <summary>The HTTP status of the last one; null where there was no answer.</summary>
    public required int? StatusCode { get; init; }
}

/// <summary>A webhook is left alone for a while.</summary>
public sealed record WebhookBreakerOpened : WebhookNotice
{
    /// <summary>How many attempts have failed in a row.</summary>
    public required int Failures { get; init; }

    /// <summary>When it is tried with one delivery.</summary>
    public required DateTimeOffset PausedUntil { get; init; }
}

/// <summary>A webhook that was left alone is sent to as usual again.</summary>
public sealed record WebhookRecovered : WebhookNotice;
