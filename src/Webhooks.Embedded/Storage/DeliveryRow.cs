using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>A delivery with its last attempt, or one of its attempts, as the log's queries read them.</summary>
internal sealed class DeliveryRow
{
    /// <summary>The columns of an attempt, of the table that has them. <c>d</c> has the webhook.</summary>
    public static string AttemptColumns(WebhookTables tables, string table) =>
        $"""
        {table}.outcome as Outcome, {table}.status_code as StatusCode, {table}.started_at as StartedAt, {table}.duration_ms as DurationMs,
        (select u.url from {tables.Urls} u where u.webhook_id = d.webhook_id and u.number = {table}.url_number) as Url,
        {table}.error as Error, {table}.signature as Signature, {table}.response_headers as ResponseHeaders,
        {table}.response_body as ResponseBody, {table}.response_truncated as ResponseTruncated
        """;

    public long Id { get; init; }

    public object EventUid { get; init; } = "";

    public string TriggerName { get; init; } = "";

    public string Tenant { get; init; } = "";

    public long WebhookId { get; init; }

    public object WebhookUid { get; init; } = "";

    public string WebhookName { get; init; } = "";

    public long? PausedUntil { get; init; }

    public int? PauseReason { get; init; }

    public string? RetryDelays { get; init; }

    /// <summary>Null in the queue, where it follows from the other columns.</summary>
    public int? Status { get; init; }

    public int Attempts { get; init; }

    public long CreatedAt { get; init; }

    public long? DueAt { get; init; }

    public long? ClaimedAt { get; init; }

    public long? FinishedAt { get; init; }

    public byte[]? Payload { get; init; }

    public int Number { get; init; }

    public int? Outcome { get; init; }

    public int? StatusCode { get; init; }

    public long? StartedAt { get; init; }

    public long? DurationMs { get; init; }

    public string? Error { get; init; }

    public string? Url { get; init; }

    public object? Signature { get; init; }

    public string? ResponseHeaders { get; init; }

    public byte[]? ResponseBody { get; init; }

    public bool? ResponseTruncated { get; init; }

    public WebhookDelivery ToDelivery(long now) => new()
    {
        Id = Id,
        EventId = SqlDialect.ToGuid(EventUid),
        Trigger = TriggerName,
        Tenant = Tenant,
        WebhookId = WebhookId,
        WebhookUid = SqlDialect.ToGuid(WebhookUid),
        WebhookName = WebhookName,
        WebhookPausedUntil = PausedUntil > now ? StoredTime.Read(PausedUntil) : null,
        WebhookPauseReason = PausedUntil > now ? (WebhookPauseReason?)PauseReason : null,
        RetryDelays = StoredTime.ReadSpans(RetryDelays),
        Status = Status is { } status ? (WebhookDeliveryStatus)status : UnfinishedStatus(now),
        Attempts = Attempts,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        DueAt = StoredTime.Read(DueAt),
        FinishedAt = StoredTime.Read(FinishedAt),
        LastAttempt = ToAttempt(),
        Payload = Payload is { } payload ? (ReadOnlyMemory<byte>?)payload : null,
    };

    /// <summary>Null where no attempt was made.</summary>
    public WebhookAttempt? ToAttempt() => Outcome is not { } outcome ? null : new WebhookAttempt
    {
        DeliveryId = Id,
        Number = Number,
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(StartedAt.GetValueOrDefault()),
        Duration = TimeSpan.FromMilliseconds(DurationMs.GetValueOrDefault()),
        Outcome = (WebhookAttemptOutcome)outcome,
        StatusCode = StatusCode,
        Error = string.IsNullOrEmpty(Error) ? null : Error,
        Url = Url ?? "",
        RequestHeaders = Signature is null
            ? []
            : Signing.RequestHeaders.For(SqlDialect.ToGuid(EventUid), TriggerName, StartedAt.GetValueOrDefault(), StoredSignature.Read(Signature)!),
        ResponseHeaders = HeaderLines.Read(ResponseHeaders),
        ResponseBody = ResponseBody is null ? null : Encoding.UTF8.GetString(ResponseBody),
        ResponseTruncated = ResponseTruncated ?? false,
    };

    private WebhookDeliveryStatus UnfinishedStatus(long now) =>
        DueAt is null ? WebhookDeliveryStatus.Parked
        : ClaimedAt is not null && DueAt > now ? WebhookDeliveryStatus.Leased
        : Attempts == 0 ? WebhookDeliveryStatus.Pending
        : WebhookDeliveryStatus.Retrying;
}
