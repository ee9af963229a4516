using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed class SendTestRequest
{
    /// <summary>A trigger of the catalogue. Default: the first one that the webhook wants.</summary>
    [JsonPropertyName("trigger")]
    public string? Trigger { get; set; }
}

internal sealed record WebhookTestResponse
{
    [JsonPropertyName("eventId")]
    public required Guid EventId { get; init; }

    [JsonPropertyName("deliveryId")]
    public required long DeliveryId { get; init; }

    public static WebhookTestResponse Of(WebhookTest test) => new() { EventId = test.EventId, DeliveryId = test.DeliveryId };
}

internal sealed class SendEventRequest
{
    /// <summary>The number or the UUID of a webhook. Left out: every webhook that has a delivery of the event.</summary>
    [JsonPropertyName("webhook"), JsonConverter(typeof(RawJsonConverter))]
    public JsonElement Webhook { get; set; }
}

/// <summary>What became of sending an event to one webhook.</summary>
internal sealed record SendingResponse
{
    [JsonPropertyName("webhookId")]
    public required long WebhookId { get; init; }

    /// <summary>Null where there is no delivery.</summary>
    [JsonPropertyName("deliveryId")]
    public required long? DeliveryId { get; init; }

    [JsonPropertyName("result"), JsonConverter(typeof(SnakeCaseConverter<WebhookRetryResult>))]
    public required WebhookRetryResult Result { get; init; }

    public static SendingResponse Of(WebhookSending sending) =>
        new() { WebhookId = sending.WebhookId, DeliveryId = sending.DeliveryId, Result = sending.Result };
}
