using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

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

    [JsonPropertyName("filters")]
    public IReadOnlyList<FilterMember?> Filters { get; set; } = [];

    [JsonPropertyName("signatureProfile")]
    public string? SignatureProfile { get; set; }

    [JsonPropertyName("metadata"), JsonConverter(typeof(RawJsonConverter))]
    public JsonElement? Metadata { get; set; }

    [JsonPropertyName("enabled")]
    public bool Enabled { get; set; } = true;

    [JsonPropertyName("verifyTls")]
    public bool VerifyTls { get; set; } = true;

    [JsonPropertyName("timeoutSeconds")]
    public double? TimeoutSeconds { get; set; }

    [JsonPropertyName("retryDelaysSeconds")]
    public IReadOnlyList<double>? RetryDelaysSeconds { get; set; }

    [JsonPropertyName("rateLimit")]
    public int? RateLimit { get; set; }

    [JsonPropertyName("headers")]
    public IReadOnlyList<HeaderMember?> Headers { get; set; } = [];

    [JsonPropertyName("secret")]
    public string? Secret { get; set; }

    public WebhookSettings ToSettings(string tenant, string? createdBy) => new()
    {
        Tenant = tenant,
        Name = Name,
        Url = Url,
        Triggers = WebhookMembers.Triggers(Triggers),
        Target = Target,
        Filters = WebhookMembers.Filters(Filters),
        SignatureProfile = SignatureProfile,
        Metadata = WebhookMembers.Metadata(Metadata),
        Enabled = Enabled,
        VerifyTls = VerifyTls,
        Timeout = WebhookMembers.Seconds(TimeoutSeconds),
        RetryDelays = WebhookMembers.Seconds(RetryDelaysSeconds),
        RateLimit = RateLimit,
        Headers = WebhookMembers.Headers(Headers),
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
    private bool _hasSignatureProfile;
    private bool _hasMetadata;
    private bool _hasTimeout;
    private bool _hasRetryDelays;
    private bool _hasRateLimit;

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

    [JsonPropertyName("filters"), DisallowNull]
    public IReadOnlyList<FilterMember?>? Filters { get; set; }

    /// <summary>Null takes it away.</summary>
    [JsonPropertyName("signatureProfile")]
    public string? SignatureProfile
    {
        get;
        set
        {
            field = value;
            _hasSignatureProfile = true;
        }
    }

    /// <summary>Replaced as a whole; null takes it away.</summary>
    [JsonPropertyName("metadata"), JsonConverter(typeof(RawJsonConverter))]
    public JsonElement? Metadata
    {
        get;
        set
        {
            field = value;
            _hasMetadata = true;
        }
    }

    [JsonPropertyName("verifyTls"), DisallowNull]
    public bool? VerifyTls { get; set; }

    /// <summary>Null: the app's again.</summary>
    [JsonPropertyName("timeoutSeconds")]
    public double? TimeoutSeconds
    {
        get;
        set
        {
            field = value;
            _hasTimeout = true;
        }
    }

    /// <summary>Replaced as a whole; null: the app's again.</summary>
    [JsonPropertyName("retryDelaysSeconds")]
    public IReadOnlyList<double>? RetryDelaysSeconds
    {
        get;
        set
        {
            field = value;
            _hasRetryDelays = true;
        }
    }

    /// <summary>Null takes it away.</summary>
    [JsonPropertyName("rateLimit")]
    public int? RateLimit
    {
        get;
        set
        {
            field = value;
            _hasRateLimit = true;
        }
    }

    /// <summary>Replaced as a whole; an empty list takes them away.</summary>
    [JsonPropertyName("headers"), DisallowNull]
    public IReadOnlyList<HeaderMember?>? Headers { get; set; }

    public WebhookSettings ApplyTo(WebhookSettings settings) => settings with
    {
        Name = Name ?? settings.Name,
        Url = Url ?? settings.Url,
        Triggers = Triggers is null ? settings.Triggers : WebhookMembers.Triggers(Triggers),
        Target = _hasTarget ? Target : settings.Target,
        Filters = Filters is null ? settings.Filters : WebhookMembers.Filters(Filters),
        SignatureProfile = _hasSignatureProfile ? SignatureProfile : settings.SignatureProfile,
        Metadata = _hasMetadata ? WebhookMembers.Metadata(Metadata) : settings.Metadata,
        VerifyTls = VerifyTls ?? settings.VerifyTls,
        Timeout = _hasTimeout ? WebhookMembers.Seconds(TimeoutSeconds) : settings.Timeout,
        RetryDelays = _hasRetryDelays ? WebhookMembers.Seconds(RetryDelaysSeconds) : settings.RetryDelays,
        RateLimit = _hasRateLimit ? RateLimit : settings.RateLimit,
        Headers = Headers is null ? settings.Headers : WebhookMembers.Headers(Headers),
    };
}

internal sealed class EnableWebhookRequest
{
    [JsonPropertyName("sendParked")]
    public bool SendParked { get; set; }

    /// <summary>How many of what was parked are sent in a second at most, 1 to 10,000.</summary>
    [JsonPropertyName("rate")]
    public int? Rate { get; set; }
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
