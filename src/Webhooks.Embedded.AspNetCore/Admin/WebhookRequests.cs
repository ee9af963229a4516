using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

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

    public WebhookSettings ToSettings(string tenant, string? createdBy) => new()
    {
        Tenant = tenant,
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
/// What is to be changed; what is left out stays. Enabling, disabling and the secret have routes of their own, because they do more than
/// set a value.
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
