using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>All JSON of the admin API. Ours alone, so that the host's JSON options change nothing.</summary>
internal static class AdminJson
{
    /// <summary>How deeply a body may be nested.</summary>
    public const int MaxDepth = 32;

    public static AdminJsonContext Types { get; } =
        new(new JsonSerializerOptions(AdminJsonContext.Default.Options) { Encoder = Problem.Encoder });
}

[JsonSourceGenerationOptions(
    MaxDepth = AdminJson.MaxDepth,
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

/// <summary>Times in UTC with milliseconds, always of one length, so that they sort as text.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}

/// <summary>Enums by their names in snake_case.</summary>
internal sealed class SnakeCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>
/// JSON that passes through as it is, to the byte. The serializer's own way would refuse doubled members on reading, and half surrogate
/// pairs on writing.
/// </summary>
internal sealed class RawJsonConverter : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
}
