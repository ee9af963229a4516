namespace Webhooks.Embedded;

/// <summary>One event for one webhook, the unit of scheduling.</summary>
public sealed record WebhookDelivery
{
    /// <summary>The delivery's id, in publishing order. It never changes, and stays below 2^53.</summary>
    public required long Id { get; init; }

    /// <summary>The event's id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The trigger that occurred.</summary>
    public required string Trigger { get; init; }

    /// <summary>Whose event and webhook it is; empty where the app has no tenants.</summary>
    public required string Tenant { get; init; }

    /// <summary>The webhook's number.</summary>
    public required long WebhookId { get; init; }

    /// <summary>The webhook's UUID.</summary>
    public required Guid WebhookUid { get; init; }

    /// <summary>The webhook's name as it is now.</summary>
    public required string WebhookName { get; init; }

    /// <summary>Until when nothing is sent to the webhook, whatever is due; null where it is not paused now.</summary>
    public DateTimeOffset? WebhookPausedUntil { get; init; }

    /// <summary>Why the webhook is paused; null where it is not.</summary>
    public WebhookPauseReason? WebhookPauseReason { get; init; }

    /// <summary>The webhook's own schedule of retries as it is now; null: the app's.</summary>
    public IReadOnlyList<TimeSpan>? RetryDelays { get; init; }

    /// <summary>Where the delivery stands.</summary>
    public required WebhookDeliveryStatus Status { get; init; }

    /// <summary>How many attempts were made.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the event was published; where it was sent to a webhook that had not got it, when that was.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the next attempt is due; while one is under way, when its lease ends. Null where none is planned.</summary>
    public required DateTimeOffset? DueAt { get; init; }

    /// <summary>When it was finished; null while it is not.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The last attempt; null where none was made.</summary>
    public required WebhookAttempt? LastAttempt { get; init; }

    /// <summary>The event's payload, where the query asked for it and it is still kept.</summary>
    public ReadOnlyMemory<byte>? Payload { get; init; }
}

/// <summary>Where a delivery stands. The numbers are those of the stored rows and never change.</summary>
public enum WebhookDeliveryStatus
{
    /// <summary>No attempt was made yet; one is due.</summary>
    Pending = 0,

    /// <summary>A node has it for its lease: an attempt is about to be made, or under way.</summary>
    Leased = 1,

    /// <summary>An attempt failed; another one is due.</summary>
    Retrying = 2,

    /// <summary>Held until a person acts, because the webhook is disabled, or until its secret can be read again.</summary>
    Parked = 3,

    /// <summary>The receiver answered 2xx. Finished.</summary>
    Delivered = 4,

    /// <summary>Out of scheduled attempts. Finished, until a person retries it.</summary>
    Exhausted = 5,

    /// <summary>Given up because its webhook was deleted, or by a person. Finished, until a person retries it.</summary>
    Cancelled = 6,

    /// <summary>Claimed five times without a recorded outcome, so that it may be what kills its node. Finished, until a person retries it.</summary>
    Quarantined = 7,
}
