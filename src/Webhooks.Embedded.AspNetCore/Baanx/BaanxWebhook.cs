using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>A webhook as clients see it. The key is whole on creation and after a rotation, and masked ever after.</summary>
internal sealed record BaanxWebhook
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("url")]
    public required string Url { get; init; }

    [JsonPropertyName("apiKey")]
    public required string ApiKey { get; init; }

    [JsonPropertyName("eventTypes")]
    public required IReadOnlyList<string> EventTypes { get; init; }

    [JsonPropertyName("isActive")]
    public required bool IsActive { get; init; }

    [JsonPropertyName("metadata"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement Metadata { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }

    public static BaanxWebhook Of(Webhook webhook) => Of(webhook, BaanxApiKey.Mask(webhook));

    public static BaanxWebhook Of(WebhookWithSecret created) => Of(created.Webhook, created.Secret);

    /// <summary>Without the key, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(BaanxWebhook)} {{ Id = {Id}, Name = {Name} }}";

    private static BaanxWebhook Of(Webhook webhook, string key) => new()
    {
        Id = webhook.Uid,
        Tenant = webhook.Tenant,
        Name = webhook.Name,
        Url = webhook.Url,
        ApiKey = key,
        EventTypes = webhook.Triggers,
        IsActive = webhook.Enabled,
        Metadata = webhook.Metadata is { } metadata ? JsonElement.Parse(metadata) : Empty,
        CreatedAt = webhook.CreatedAt,
        UpdatedAt = webhook.UpdatedAt,
    };
}

/// <summary>What clients send to create and to change a webhook. On a change, what is left out stays.</summary>
internal sealed class BaanxWebhookBody
{
    [JsonPropertyName("name"), DisallowNull]
    public string? Name { get; set; }

    [JsonPropertyName("url"), DisallowNull]
    public string? Url { get; set; }

    [JsonPropertyName("event_types"), DisallowNull]
    public IReadOnlyList<string?>? EventTypes { get; set; }

    [JsonPropertyName("is_active"), DisallowNull]
    public bool? IsActive { get; set; }

    /// <summary>An object; null takes it away.</summary>
    [JsonPropertyName("metadata"), JsonConverter(typeof(RawJsonConverter))]
    public JsonElement Metadata { get; set; }
}

internal sealed record BaanxWebhookDone([property: JsonPropertyName("data")] BaanxWebhook Data)
{
    [JsonPropertyName("success"), JsonPropertyOrder(-1)]
    public bool Success => true;
}

internal sealed record BaanxDone
{
    public static readonly BaanxDone Instance = new();

    [JsonPropertyName("success")]
    public bool Success => true;
}
