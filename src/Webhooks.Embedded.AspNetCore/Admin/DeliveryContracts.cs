using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal record DeliveryResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("eventId")]
    public required Guid EventId { get; init; }

    [JsonPropertyName("trigger")]
    public required string Trigger { get; init; }

    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    [JsonPropertyName("webhook")]
    public required DeliveryWebhookResponse Webhook { get; init; }

    [JsonPropertyName("status"), JsonConverter(typeof(SnakeCaseConverter<WebhookDeliveryStatus>))]
    public required WebhookDeliveryStatus Status { get; init; }

    [JsonPropertyName("attempts")]
    public required int Attempts { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("dueAt")]
    public required DateTimeOffset? DueAt { get; init; }

    [JsonPropertyName("finishedAt")]
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Null where the delivery is finished.</summary>
    [JsonPropertyName("nextAttempt")]
    public required NextAttempt? NextAttempt { get; init; }

    [JsonPropertyName("lastAttempt")]
    public required AttemptSummaryResponse? LastAttempt { get; init; }

    public static DeliveryResponse Of(WebhookDelivery delivery, WebhookRetryOptions? retry) => new()
    {
        Id = delivery.Id,
        EventId = delivery.EventId,
        Trigger = delivery.Trigger,
        Tenant = delivery.Tenant,
        Webhook = new DeliveryWebhookResponse { Id = delivery.WebhookId, Uid = delivery.WebhookUid, Name = delivery.WebhookName },
        Status = delivery.Status,
        Attempts = delivery.Attempts,
        CreatedAt = delivery.CreatedAt,
        DueAt = delivery.DueAt,
        FinishedAt = delivery.FinishedAt,
        NextAttempt = NextAttempt.Of(delivery, retry),
        LastAttempt = delivery.LastAttempt is { } attempt ? AttemptSummaryResponse.Of(attempt) : null,
    };
}

/// <summary>A delivery with the payload that its attempts send.</summary>
internal sealed record DeliveryDetailResponse : DeliveryResponse
{
    [SetsRequiredMembers]
    private DeliveryDetailResponse(DeliveryResponse summary, ReadOnlyMemory<byte>? payload)
        : base(summary)
    {
        PayloadKept = payload is not null;
        Payload = payload is { } bytes ? RawJson.Of(bytes) : null;
    }

    /// <summary>Whether retention has left the payload, which may itself be null.</summary>
    [JsonPropertyName("payloadKept"), JsonPropertyOrder(1)]
    public required bool PayloadKept { get; init; }

    [JsonPropertyName("payload"), JsonPropertyOrder(2), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Payload { get; init; }

    public static new DeliveryDetailResponse Of(WebhookDelivery delivery, WebhookRetryOptions? retry) =>
        new(DeliveryResponse.Of(delivery, retry), delivery.Payload);
}

/// <summary>The webhook of a delivery.</summary>
internal sealed record DeliveryWebhookResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("uid")]
    public required Guid Uid { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }
}

internal sealed class RetryDeliveriesRequest
{
    internal const int MaxIds = 1000;

    [JsonPropertyName("ids")]
    public IReadOnlyList<long> Ids { get; set; } = [];
}

internal sealed record RetryResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("result"), JsonConverter(typeof(SnakeCaseConverter<WebhookRetryResult>))]
    public required WebhookRetryResult Result { get; init; }

    public static RetryResponse Of(WebhookRetry retry) => new() { Id = retry.Id, Result = retry.Result };
}

internal sealed class CancelDeliveriesRequest
{
    internal const int MaxIds = 1000;

    [JsonPropertyName("ids")]
    public IReadOnlyList<long> Ids { get; set; } = [];
}

internal sealed record CancelResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("result"), JsonConverter(typeof(SnakeCaseConverter<WebhookCancelResult>))]
    public required WebhookCancelResult Result { get; init; }

    public static CancelResponse Of(WebhookCancellation cancellation) => new() { Id = cancellation.Id, Result = cancellation.Result };
}
