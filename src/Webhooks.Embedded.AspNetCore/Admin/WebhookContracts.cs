using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>A webhook. Its secret is not among its members.</summary>
internal record WebhookResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("uid")]
    public required Guid Uid { get; init; }

    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("url")]
    public required string Url { get; init; }

    [JsonPropertyName("triggers")]
    public required IReadOnlyList<string> Triggers { get; init; }

    [JsonPropertyName("target")]
    public required string? Target { get; init; }

    [JsonPropertyName("enabled")]
    public required bool Enabled { get; init; }

    [JsonPropertyName("disabledReason")]
    public required string? DisabledReason { get; init; }

    [JsonPropertyName("verifyTls")]
    public required bool VerifyTls { get; init; }

    [JsonPropertyName("createdBy")]
    public required string? CreatedBy { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonPropertyName("lastSuccessAt")]
    public required DateTimeOffset? LastSuccessAt { get; init; }

    [JsonPropertyName("lastFailureAt")]
    public required DateTimeOffset? LastFailureAt { get; init; }

    [JsonPropertyName("lastFailure")]
    public required string? LastFailure { get; init; }

    [JsonPropertyName("lastStatusCode")]
    public required int? LastStatusCode { get; init; }

    public static WebhookResponse Of(Webhook webhook) => new()
    {
        Id = webhook.Id,
        Uid = webhook.Uid,
        Tenant = webhook.Tenant,
        Name = webhook.Name,
        Url = webhook.Url,
        Triggers = webhook.Triggers,
        Target = webhook.Target,
        Enabled = webhook.Enabled,
        DisabledReason = webhook.DisabledReason,
        VerifyTls = webhook.VerifyTls,
        CreatedBy = webhook.CreatedBy,
        CreatedAt = webhook.CreatedAt,
        UpdatedAt = webhook.UpdatedAt,
        LastSuccessAt = webhook.LastSuccessAt,
        LastFailureAt = webhook.LastFailureAt,
        LastFailure = webhook.LastFailure,
        LastStatusCode = webhook.LastStatusCode,
    };
}

/// <summary>A webhook and its secret: the answer to creation and to rotation, and to nothing else.</summary>
internal sealed record WebhookWithSecretResponse : WebhookResponse
{
    [SetsRequiredMembers]
    private WebhookWithSecretResponse(WebhookResponse webhook, string secret)
        : base(webhook) => Secret = secret;

    [JsonPropertyName("secret"), JsonPropertyOrder(1)]
    public required string Secret { get; init; }

    public static WebhookWithSecretResponse Of(WebhookWithSecret created) => new(WebhookResponse.Of(created.Webhook), created.Secret);

    public override string ToString() => $"{nameof(WebhookWithSecretResponse)} {{ Id = {Id} }}";
}

internal sealed class CreateWebhookRequest
{
    [JsonPropertyName("tenant")]
    public string Tenant { get; set; } = "";

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("url")]
    public string Url { get; set; } = "";

    [JsonPropertyName("triggers")]
    public IReadOnlyList<string?> Triggers { get; set; } = [];

    [JsonPropertyName("target")]
    public string? Target { get; set; }

    [JsonPropertyName("enabled")]
    public bool Enabled { get; set; } = true;

    [JsonPropertyName("verifyTls")]
    public bool VerifyTls { get; set; } = true;

    [JsonPropertyName("secret")]
    public string? Secret { get; set; }

    public WebhookSettings ToSettings(string? createdBy) => new()
    {
        Tenant = Tenant,
        Name = Name,
        Url = Url,
        Triggers = TriggerPatterns.Of(Triggers),
        Target = Target,
        Enabled = Enabled,
        VerifyTls = VerifyTls,
        Secret = Secret,
        CreatedBy = createdBy,
    };
}

/// <summary>
/// What is to be changed; what is left out stays. Enabling, disabling and the secret have routes of their own, because they do more than set a value.
/// </summary>
internal sealed class ChangeWebhookRequest
{
    private bool _hasTarget;

    [JsonPropertyName("name"), DisallowNull]
    public string? Name { get; set; }

    [JsonPropertyName("url"), DisallowNull]
    public string? Url { get; set; }

    [JsonPropertyName("triggers"), DisallowNull]
    public IReadOnlyList<string?>? Triggers { get; set; }

    /// <summary>Null takes it away.</summary>
    [JsonPropertyName("target")]
    public string? Target
    {
        get;
        set
        {
            field = value;
            _hasTarget = true;
        }
    }

    [JsonPropertyName("verifyTls"), DisallowNull]
    public bool? VerifyTls { get; set; }

    public WebhookSettings ApplyTo(WebhookSettings settings) => settings with
    {
        Name = Name ?? settings.Name,
        Url = Url ?? settings.Url,
        Triggers = Triggers is null ? settings.Triggers : TriggerPatterns.Of(Triggers),
        Target = _hasTarget ? Target : settings.Target,
        VerifyTls = VerifyTls ?? settings.VerifyTls,
    };
}

internal sealed class EnableWebhookRequest
{
    [JsonPropertyName("sendParked")]
    public bool SendParked { get; set; }
}

internal sealed class DisableWebhookRequest
{
    [JsonPropertyName("reason")]
    public string? Reason { get; set; }
}

internal sealed class RotateSecretRequest
{
    [JsonPropertyName("secret")]
    public string? Secret { get; set; }

    [JsonPropertyName("overlapSeconds")]
    public long? OverlapSeconds { get; set; }
}

internal static class TriggerPatterns
{
    // The serializer lets null pass inside lists; as an empty pattern it is refused with the others.
    public static IReadOnlyList<string> Of(IReadOnlyList<string?> patterns) => [.. patterns.Select(pattern => pattern ?? "")];
}
