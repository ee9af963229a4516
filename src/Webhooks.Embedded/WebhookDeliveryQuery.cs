namespace Webhooks.Embedded;

/// <summary>Which deliveries to list. What is not set does not filter.</summary>
public sealed record WebhookDeliveryQuery
{
    /// <summary>Only deliveries of this tenant. Default: null, of all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only deliveries of this webhook.</summary>
    public long? WebhookId { get; init; }

    /// <summary>Only deliveries of the webhook with this UUID, be it deleted or not.</summary>
    public Guid? WebhookUid { get; init; }

    /// <summary>Only deliveries of webhooks with exactly this URL, as it is now.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>Only deliveries of webhooks that this person registered.</summary>
    public string? WebhookCreatedBy { get; init; }

    /// <summary>Only deliveries with one of these ids, at most 1,000. Default: empty, any.</summary>
    public IReadOnlyCollection<long> Ids { get; init; } = [];

    /// <summary>Only deliveries of this event.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Only deliveries of one of these events, at most 200. Default: empty, any.</summary>
    public IReadOnlyCollection<Guid> EventIds { get; init; } = [];

    /// <summary>Only deliveries of this trigger.</summary>
    public string? Trigger { get; init; }

    /// <summary>Only deliveries with one of these statuses. Default: empty, any.</summary>
    public IReadOnlyCollection<WebhookDeliveryStatus> Statuses { get; init; } = [];

    /// <summary>Only deliveries whose last attempt got one of these answers. Default: none set, any.</summary>
    public WebhookAnswers Answers { get; init; }

    /// <summary>Only deliveries whose last attempt got this HTTP status.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Only deliveries whose last attempt ended with one of these outcomes. Default: empty, any.</summary>
    public IReadOnlyCollection<WebhookAttemptOutcome> Outcomes { get; init; } = [];

    /// <summary>Only deliveries with this many attempts or more.</summary>
    public int? AttemptsFrom { get; init; }

    /// <summary>Only deliveries with this many attempts or fewer.</summary>
    public int? AttemptsTo { get; init; }

    /// <summary>Only deliveries whose event was published at this time or later.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Only deliveries whose event was published at this time or earlier.</summary>
    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>Only deliveries whose last attempt ended at this time or later.</summary>
    public DateTimeOffset? AttemptedFrom { get; init; }

    /// <summary>Only deliveries whose last attempt ended at this time or earlier.</summary>
    public DateTimeOffset? AttemptedTo { get; init; }

    /// <summary>Whether each delivery comes with its event's payload. Default: false.</summary>
    public bool IncludePayload { get; init; }

    /// <summary>
    /// Where to go on: <see cref="WebhookPage{T}.Next"/> of the page before, which is the id of its last delivery. Default: null, the newest
    /// deliveries.
    /// </summary>
    public string? Cursor { get; init; }

    /// <summary>How many deliveries to pass over, 0 to 100,000; for callers that page by offset. Prefer <see cref="Cursor"/>. Default: 0.</summary>
    public int Offset { get; init; }

    /// <summary>How many at most, 1 to 1,000. Default: 50.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Classes of what the last attempt of a delivery got; to be combined.</summary>
[Flags]
public enum WebhookAnswers
{
    /// <summary>No filter.</summary>
    Any = 0,

    /// <summary>No attempt was made.</summary>
    NotAttempted = 1,

    /// <summary>An attempt was made and got no HTTP answer.</summary>
    NoAnswer = 2,

    /// <summary>A status from 200 to 299.</summary>
    Success = 4,

    /// <summary>A status from 300 to 399.</summary>
    Redirect = 8,

    /// <summary>A status from 400 to 499.</summary>
    ClientError = 16,

    /// <summary>A status of 500 or more.</summary>
    ServerError = 32,

    /// <summary>Whatever was attempted and got no 2xx.</summary>
    Failed = NoAnswer | Redirect | ClientError | ServerError,
}
