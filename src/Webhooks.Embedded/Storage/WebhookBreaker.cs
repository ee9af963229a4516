namespace Webhooks.Embedded.Storage;

/// <summary>What keeps a webhook from being sent to as usual. The numbers are those of the stored rows and never change.</summary>
internal enum BreakerStatus
{
    /// <summary>As usual.</summary>
    Closed = 0,

    /// <summary>Too much has failed: nothing is sent until the pause is over, and then one delivery, the probe.</summary>
    Open = 1,

    /// <summary>The probe is under way. If its node dies, the pause ends with its lease, and another node may have it.</summary>
    HalfOpen = 2,

    /// <summary>The probe was delivered: a few at once, and more with every success.</summary>
    Recovering = 3,
}

/// <summary>Why a webhook is paused. The numbers are those of the stored rows and never change.</summary>
internal enum PauseReason
{
    /// <summary>The breaker is open, or its probe is under way.</summary>
    Breaker = 1,

    /// <summary>The receiver asked for time, or said that it is overloaded: 429, 502, 503, 504, <c>Retry-After</c>.</summary>
    Receiver = 2,

    /// <summary>The rate limit of the webhook's settings is used up.</summary>
    RateLimit = 3,
}

/// <summary>A webhook that is not sent to as usual: its breaker is not closed, or it is paused, or was.</summary>
internal sealed record WebhookBreaker
{
    /// <summary>Which webhooks have one, of the table called <c>w</c>.</summary>
    public const string IsThere = "(w.breaker <> 0 or w.paused_until is not null)";

    public long WebhookId { get; init; }

    public BreakerStatus Status { get; init; }

    /// <summary>The fence: raised by every change of the breaker or the pause.</summary>
    public long Sequence { get; init; }

    /// <summary>How often it opened since it was last closed.</summary>
    public int Openings { get; init; }

    /// <summary>Nothing is claimed before this, in store time.</summary>
    public long? PausedUntil { get; init; }

    public PauseReason? PauseReason { get; init; }

    /// <summary>How many attempts a node makes at once while it recovers.</summary>
    public int? SlowStart { get; init; }

    /// <summary>Whether this is anything but a webhook that is sent to as usual; the same as <see cref="IsThere"/>.</summary>
    public bool IsThereNow => Status != BreakerStatus.Closed || PausedUntil is not null;

    /// <summary>Whether nothing may be sent at this time.</summary>
    public bool IsPaused(long now) => PausedUntil > now;

    /// <summary>How many deliveries may be claimed at once at this time.</summary>
    public int Most(long now) => this switch
    {
        _ when IsPaused(now) => 0,
        { Status: BreakerStatus.Open or BreakerStatus.HalfOpen } => 1,
        { Status: BreakerStatus.Recovering, SlowStart: { } most } => most,
        _ => int.MaxValue,
    };
}
