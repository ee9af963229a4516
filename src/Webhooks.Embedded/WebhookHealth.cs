namespace Webhooks.Embedded;

/// <summary>How the attempts of a webhook have gone, and whether it is sent to as usual.</summary>
public sealed record WebhookHealth
{
    /// <summary>Whether it is left alone because too much has failed.</summary>
    public required WebhookBreakerState Breaker { get; init; }

    /// <summary>When the pause ends in which nothing is sent to it; null where there is none. Its deliveries stay due meanwhile, and no attempt is used up.</summary>
    public required DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Why it is paused; null where it is not.</summary>
    public required WebhookPauseReason? PauseReason { get; init; }

    /// <summary>How many attempts have failed in a row.</summary>
    public required int Failures { get; init; }

    /// <summary>When the first of these was over; null where the last attempt succeeded.</summary>
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>From when on the next failure disables it, if no attempt succeeds before; null where it does not fail, or is not to be disabled.</summary>
    public required DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>Whether a webhook is left alone because too much has failed.</summary>
public enum WebhookBreakerState
{
    /// <summary>It is sent to as usual.</summary>
    Closed = 0,

    /// <summary>Nothing is sent until its pause is over, then one delivery.</summary>
    Open = 1,

    /// <summary>That one delivery is under way.</summary>
    HalfOpen = 2,

    /// <summary>That one arrived, or the webhook was enabled: a few are sent at once, and more with every ten that arrive.</summary>
    Recovering = 3,
}

/// <summary>Why nothing is sent to a webhook for a while.</summary>
public enum WebhookPauseReason
{
    /// <summary>Too many attempts have failed.</summary>
    Breaker = 1,

    /// <summary>The receiver asked for it, or said that it has too much to do: 429, 502, 503, 504.</summary>
    Receiver = 2,

    /// <summary>The rate limit of its settings is used up.</summary>
    RateLimit = 3,
}
