using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>All JSON of the admin API. Ours alone, so that the host's JSON options change nothing.</summary>
internal static class AdminJson
{
    public static AdminJsonContext Types { get; } =
        new(new JsonSerializerOptions(AdminJsonContext.Default.Options) { Encoder = Problem.Encoder });
}

[JsonSourceGenerationOptions(
    MaxDepth = RequestBody.MaxDepth,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(Page<WebhookResponse>))]
[JsonSerializable(typeof(CreateWebhookRequest))]
[JsonSerializable(typeof(WebhookWithSecretResponse))]
[JsonSerializable(typeof(ChangeWebhookRequest))]
[JsonSerializable(typeof(EnableWebhookRequest))]
[JsonSerializable(typeof(DisableWebhookRequest))]
[JsonSerializable(typeof(RotateSecretRequest))]
[JsonSerializable(typeof(SecretsResponse))]
[JsonSerializable(typeof(Page<SecretInfoResponse>))]
[JsonSerializable(typeof(Page<TriggerResponse>))]
[JsonSerializable(typeof(Page<EventResponse>))]
[JsonSerializable(typeof(PublishEventRequest))]
[JsonSerializable(typeof(PublishedEventResponse))]
[JsonSerializable(typeof(EventDetailResponse))]
[JsonSerializable(typeof(Page<DeliveryResponse>))]
[JsonSerializable(typeof(DeliveryDetailResponse))]
[JsonSerializable(typeof(Page<AttemptResponse>))]
[JsonSerializable(typeof(RetryDeliveriesRequest))]
[JsonSerializable(typeof(RetryResponse))]
[JsonSerializable(typeof(Page<RetryResponse>))]
[JsonSerializable(typeof(CancelDeliveriesRequest))]
[JsonSerializable(typeof(CancelResponse))]
[JsonSerializable(typeof(Page<CancelResponse>))]
[JsonSerializable(typeof(SendTestRequest))]
[JsonSerializable(typeof(WebhookTestResponse))]
[JsonSerializable(typeof(SendEventRequest))]
[JsonSerializable(typeof(Page<SendingResponse>))]
[JsonSerializable(typeof(PreviewOperationRequest))]
[JsonSerializable(typeof(OperationPreviewResponse))]
[JsonSerializable(typeof(StartOperationRequest))]
[JsonSerializable(typeof(OperationResponse))]
[JsonSerializable(typeof(Page<OperationResponse>))]
[JsonSerializable(typeof(OverviewResponse))]
internal sealed partial class AdminJsonContext : JsonSerializerContext;

/// <summary>Enums by their names in snake_case.</summary>
internal sealed class SnakeCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
