using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>An event. Its record and itself have the same id, so that clients may use either.</summary>
internal sealed record BaanxEvent
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("eventId")]
    public Guid EventId => Id;

    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    [JsonPropertyName("eventType")]
    public required string EventType { get; init; }

    /// <summary>Null once retention has taken it.</summary>
    [JsonPropertyName("payload"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Payload { get; init; }

    /// <summary>What the event is about, where the app said so.</summary>
    [JsonPropertyName("userId")]
    public required string? UserId { get; init; }

    [JsonPropertyName("sourceService")]
    public required string SourceService { get; init; }

    [JsonPropertyName("status"), JsonConverter(typeof(BaanxStatusConverter))]
    public required BaanxStatus Status { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("processedAt")]
    public required DateTimeOffset? ProcessedAt { get; init; }

    [JsonPropertyName("queuedAt")]
    public DateTimeOffset QueuedAt => CreatedAt;
}

internal sealed record BaanxEventList([property: JsonPropertyName("events"), JsonPropertyOrder(1)] IReadOnlyList<BaanxEvent> Events)
{
    /// <summary>How many events there are in the answer.</summary>
    [JsonPropertyName("total")]
    public int Total => Events.Count;
}

internal sealed record BaanxEventStatus
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("eventId")]
    public Guid EventId => Id;

    [JsonPropertyName("status"), JsonConverter(typeof(BaanxStatusConverter))]
    public required BaanxStatus Status { get; init; }

    [JsonPropertyName("eventType")]
    public required string EventType { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("processedAt")]
    public required DateTimeOffset? ProcessedAt { get; init; }
}

internal sealed record BaanxEventLogs(
    [property: JsonPropertyName("event")] BaanxEvent Event,
    [property: JsonPropertyName("logs")] IReadOnlyList<BaanxLog> Logs);

internal sealed class BaanxRetryBody
{
    /// <summary>Only to this webhook. Default: to all active ones.</summary>
    [JsonPropertyName("webhookId")]
    public string? WebhookId { get; set; }
}

internal sealed record BaanxRetryDone([property: JsonPropertyName("data")] BaanxRetried Data)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool Success => true;
}

internal sealed record BaanxRetried(
    [property: JsonPropertyName("eventId")] Guid EventId,
    [property: JsonPropertyName("webhookCount")] int WebhookCount)
{
    [JsonPropertyName("message"), JsonPropertyOrder(1)]
    public string Message => $"Event queued for retry to {WebhookCount} webhook(s)";
}
