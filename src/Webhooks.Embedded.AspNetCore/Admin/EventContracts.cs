using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal record EventResponse
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("trigger")]
    public required string Trigger { get; init; }

    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    [JsonPropertyName("target")]
    public required string? Target { get; init; }

    [JsonPropertyName("idempotencyKey")]
    public required string? IdempotencyKey { get; init; }

    [JsonPropertyName("publishedAt")]
    public required DateTimeOffset PublishedAt { get; init; }

    [JsonPropertyName("payloadSize")]
    public required int PayloadSize { get; init; }

    public static EventResponse Of(WebhookEvent published) => new()
    {
        Id = published.Id,
        Trigger = published.Trigger,
        Tenant = published.Tenant,
        Target = published.Target,
        IdempotencyKey = published.IdempotencyKey,
        PublishedAt = published.PublishedAt,
        PayloadSize = published.PayloadSize,
    };
}

/// <summary>An event with its payload and the newest of its deliveries.</summary>
internal sealed record EventDetailResponse : EventResponse
{
    [SetsRequiredMembers]
    private EventDetailResponse(EventResponse summary, WebhookEvent published, Page<DeliveryResponse> deliveries)
        : base(summary)
    {
        PayloadKept = published.Payload is not null;
        Payload = published.Payload is { } payload ? RawJson.Of(payload) : null;
        Deliveries = deliveries;
    }

    /// <summary>Whether retention has left the payload, which may itself be null.</summary>
    [JsonPropertyName("payloadKept"), JsonPropertyOrder(1)]
    public required bool PayloadKept { get; init; }

    [JsonPropertyName("payload"), JsonPropertyOrder(2), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Payload { get; init; }

    [JsonPropertyName("deliveries"), JsonPropertyOrder(3)]
    public required Page<DeliveryResponse> Deliveries { get; init; }

    public static EventDetailResponse Of(WebhookEvent published, Page<DeliveryResponse> deliveries) =>
        new(EventResponse.Of(published), published, deliveries);
}

internal sealed class PublishEventRequest
{
    [JsonPropertyName("trigger")]
    public string Trigger { get; set; } = "";

    /// <summary>Any JSON value, null too; receivers get its bytes as they stand here.</summary>
    [JsonPropertyName("payload"), JsonConverter(typeof(RawJsonConverter))]
    public JsonElement Payload { get; set; }

    [JsonPropertyName("tenant")]
    public string Tenant { get; set; } = "";

    [JsonPropertyName("target")]
    public string? Target { get; set; }

    [JsonPropertyName("idempotencyKey")]
    public string? IdempotencyKey { get; set; }
}

internal sealed record PublishedEventResponse
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("deliveries")]
    public required int Deliveries { get; init; }

    /// <summary>Whether an earlier event has the idempotency key; the id is that event's.</summary>
    [JsonPropertyName("duplicate")]
    public required bool Duplicate { get; init; }

    public static PublishedEventResponse Of(PublishedEvent published) =>
        new() { Id = published.Id, Deliveries = published.Deliveries, Duplicate = published.IsDuplicate };
}
