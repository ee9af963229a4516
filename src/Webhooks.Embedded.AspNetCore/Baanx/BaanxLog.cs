using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>One attempt of a delivery: made, under way or planned. What there is not is written as null.</summary>
internal sealed record BaanxLog
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("eventId")]
    public required Guid EventId { get; init; }

    [JsonPropertyName("webhookId")]
    public required Guid WebhookId { get; init; }

    [JsonPropertyName("attemptNumber")]
    public required int AttemptNumber { get; init; }

    [JsonPropertyName("requestUrl")]
    public required string RequestUrl { get; init; }

    [JsonPropertyName("requestHeaders")]
    public required IReadOnlyDictionary<string, string> RequestHeaders { get; init; }

    /// <summary>An object as it was sent; JSON of another kind as text. Null once retention has taken the payload.</summary>
    [JsonPropertyName("requestBody"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? RequestBody { get; init; }

    [JsonPropertyName("responseStatus")]
    public required int? ResponseStatus { get; init; }

    [JsonPropertyName("responseBody")]
    public required string? ResponseBody { get; init; }

    /// <summary>Why no answer came; null where one did, whatever it says.</summary>
    [JsonPropertyName("errorMessage")]
    public required string? ErrorMessage { get; init; }

    /// <summary>Of this attempt, not of the delivery: a failed one may be followed by others.</summary>
    [JsonPropertyName("deliveryStatus")]
    public required string DeliveryStatus { get; init; }

    [JsonPropertyName("durationMs")]
    public required long? DurationMs { get; init; }

    /// <summary>When the attempt was started; of one that was not, since when it is awaited.</summary>
    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("nextRetryAt")]
    public required DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The attempts of a delivery, and the one that is planned or under way, where there is one.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="attempts">Its attempts.</param>
    /// <param name="url">Where the webhook points now.</param>
    /// <param name="payload">The event's payload, where it is kept.</param>
    public static IEnumerable<BaanxLog> Of(
        WebhookDelivery delivery, IReadOnlyList<WebhookAttempt> attempts, string url, ReadOnlyMemory<byte>? payload)
    {
        JsonElement? body = payload is { } kept ? BaanxPayload.Body(kept) : null;

        // An attempt that was over after the delivery was read would stand here twice: made, and under way.
        foreach (var attempt in attempts.Where(attempt => attempt.Number <= delivery.Attempts))
        {
            yield return Made(delivery, attempt, url, body);
        }

        if (delivery.Status is WebhookDeliveryStatus.Pending or WebhookDeliveryStatus.Retrying or WebhookDeliveryStatus.Leased)
        {
            yield return Awaited(delivery, url, body);
        }
    }

    /// <summary>The latest <see cref="CreatedAt"/> of the rows of a delivery; null where it has none.</summary>
    public static DateTimeOffset? NewestOf(WebhookDelivery delivery) => delivery.Status switch
    {
        WebhookDeliveryStatus.Pending or WebhookDeliveryStatus.Retrying or WebhookDeliveryStatus.Leased => AwaitedSince(delivery),
        _ => delivery.LastAttempt?.StartedAt,
    };

    private static BaanxLog Made(WebhookDelivery delivery, WebhookAttempt attempt, string url, JsonElement? body)
    {
        var isDelivered = attempt.Outcome == WebhookAttemptOutcome.Delivered;
        var isLast = attempt.Number == delivery.Attempts;
        return new BaanxLog
        {
            Id = AttemptId.Of(delivery, attempt.Number),
            EventId = delivery.EventId,
            WebhookId = delivery.WebhookUid,
            AttemptNumber = attempt.Number,
            RequestUrl = attempt.Url.Length > 0 ? attempt.Url : url,
            RequestHeaders = attempt.RequestHeaders
                .GroupBy(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(header => header.Key, header => string.Join(", ", header)),
            RequestBody = body,
            ResponseStatus = attempt.StatusCode,
            ResponseBody = attempt.ResponseBody,
            ErrorMessage = attempt.StatusCode is null ? attempt.Error : null,
            DeliveryStatus = isDelivered ? "success" : "failed",
            DurationMs = attempt.StatusCode is null ? null : (long)attempt.Duration.TotalMilliseconds,
            CreatedAt = attempt.StartedAt,
            NextRetryAt = isLast && !isDelivered && delivery.Status == WebhookDeliveryStatus.Retrying ? delivery.DueAt : null,
        };
    }

    private static BaanxLog Awaited(WebhookDelivery delivery, string url, JsonElement? body) => new()
    {
        Id = AttemptId.Of(delivery, delivery.Attempts + 1),
        EventId = delivery.EventId,
        WebhookId = delivery.WebhookUid,
        AttemptNumber = delivery.Attempts + 1,
        RequestUrl = url,
        RequestHeaders = new Dictionary<string, string>(),
        RequestBody = body,
        ResponseStatus = null,
        ResponseBody = null,
        ErrorMessage = null,
        DeliveryStatus = delivery.Status == WebhookDeliveryStatus.Leased ? "processing" : "pending",
        DurationMs = null,
        CreatedAt = AwaitedSince(delivery),
        NextRetryAt = null,
    };

    private static DateTimeOffset AwaitedSince(WebhookDelivery delivery) => delivery.LastAttempt?.FinishedAt ?? delivery.CreatedAt;
}

/// <summary>How many logs there are in the answer, and the logs.</summary>
internal sealed record BaanxLogs([property: JsonPropertyName("logs"), JsonPropertyOrder(1)] IReadOnlyList<BaanxLog> Logs)
{
    [JsonPropertyName("count")]
    public int Count => Logs.Count;
}

internal static class BaanxPayload
{
    /// <summary>An object as it is, since clients look for its members; anything else as the text that was sent.</summary>
    public static JsonElement Body(ReadOnlyMemory<byte> payload)
    {
        var json = RawJson.Of(payload);
        return json.ValueKind == JsonValueKind.Object
            ? json
            : JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(payload.Span), BaanxJson.Types.String);
    }
}
