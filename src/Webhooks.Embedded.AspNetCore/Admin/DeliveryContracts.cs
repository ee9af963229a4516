using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed record DeliveryResponse
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

    [JsonPropertyName("lastAttempt")]
    public required AttemptSummaryResponse? LastAttempt { get; init; }

    public static DeliveryResponse Of(WebhookDelivery delivery) => new()
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
        LastAttempt = delivery.LastAttempt is { } attempt ? AttemptSummaryResponse.Of(attempt) : null,
    };
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
