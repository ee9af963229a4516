using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

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

    [JsonPropertyName("filters")]
    public required IReadOnlyList<FilterMember> Filters { get; init; }

    [JsonPropertyName("signatureProfile")]
    public required string? SignatureProfile { get; init; }

    /// <summary>A JSON object of the app's own, as it was given.</summary>
    [JsonPropertyName("metadata"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Metadata { get; init; }

    /// <summary>The end of the newest secret.</summary>
    [JsonPropertyName("secretHint")]
    public required string SecretHint { get; init; }

    [JsonPropertyName("enabled")]
    public required bool Enabled { get; init; }

    [JsonPropertyName("disabledReason")]
    public required string? DisabledReason { get; init; }

    [JsonPropertyName("verifyTls")]
    public required bool VerifyTls { get; init; }

    /// <summary>What people should know of these settings. Empty where there is nothing.</summary>
    [JsonPropertyName("warnings")]
    public required IReadOnlyList<WarningMember> Warnings { get; init; }

    /// <summary>How long an attempt may take; null: as the app's options say.</summary>
    [JsonPropertyName("timeoutSeconds")]
    public required double? TimeoutSeconds { get; init; }

    /// <summary>How long to wait after each failed attempt; null: as the app's options say.</summary>
    [JsonPropertyName("retryDelaysSeconds")]
    public required IReadOnlyList<double>? RetryDelaysSeconds { get; init; }

    /// <summary>Attempts a second; null: as many as there are.</summary>
    [JsonPropertyName("rateLimit")]
    public required int? RateLimit { get; init; }

    /// <summary>The names of its own headers. Values are never shown.</summary>
    [JsonPropertyName("headerNames")]
    public required IReadOnlyList<string> HeaderNames { get; init; }

    /// <summary>Whether its secret and the values of its headers can be read. If not, deliveries wait until the keys are back.</summary>
    [JsonPropertyName("secretReadable")]
    public required bool SecretReadable { get; init; }

    /// <summary>Raised by every change; the <c>ETag</c> says the same.</summary>
    [JsonPropertyName("version")]
    public required long Version { get; init; }

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

    [JsonPropertyName("health")]
    public required WebhookHealthMember Health { get; init; }

    /// <summary>The operation that sends what was parked; given by enabling alone.</summary>
    [JsonPropertyName("operationId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? OperationId { get; init; }

    public static WebhookResponse Of(Webhook webhook, WebhookWarnings warnings) => new()
    {
        Id = webhook.Id,
        Uid = webhook.Uid,
        Tenant = webhook.Tenant,
        Name = webhook.Name,
        Url = webhook.Url,
        Triggers = webhook.Triggers,
        Target = webhook.Target,
        Filters = [.. webhook.Filters.Select(filter => new FilterMember { Path = filter.Path, Value = filter.Value })],
        SignatureProfile = webhook.SignatureProfile,
        Metadata = RawJson.Of(webhook.Metadata),
        SecretHint = webhook.SecretHint,
        Enabled = webhook.Enabled,
        DisabledReason = webhook.DisabledReason,
        VerifyTls = webhook.VerifyTls,
        Warnings = warnings.Of(webhook),
        TimeoutSeconds = webhook.Timeout?.TotalSeconds,
        RetryDelaysSeconds = webhook.RetryDelays?.Select(delay => delay.TotalSeconds).ToArray(),
        RateLimit = webhook.RateLimit,
        HeaderNames = webhook.HeaderNames,
        SecretReadable = webhook.SecretReadable,
        Version = webhook.Version,
        CreatedBy = webhook.CreatedBy,
        CreatedAt = webhook.CreatedAt,
        UpdatedAt = webhook.UpdatedAt,
        LastSuccessAt = webhook.LastSuccessAt,
        LastFailureAt = webhook.LastFailureAt,
        LastFailure = webhook.LastFailure,
        LastStatusCode = webhook.LastStatusCode,
        Health = WebhookHealthMember.Of(webhook.Health),
    };
}

/// <summary>Whether a webhook is sent to as usual, and since when it fails.</summary>
internal sealed record WebhookHealthMember
{
    [JsonPropertyName("breaker"), JsonConverter(typeof(SnakeCaseConverter<WebhookBreakerState>))]
    public required WebhookBreakerState Breaker { get; init; }

    /// <summary>Nothing is sent before; what is due waits, and no attempt is used up.</summary>
    [JsonPropertyName("pausedUntil")]
    public required DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Null, breaker, receiver or rate_limit.</summary>
    [JsonPropertyName("pauseReason")]
    public required string? PauseReason { get; init; }

    /// <summary>Failed attempts in a row.</summary>
    [JsonPropertyName("failures")]
    public required int Failures { get; init; }

    [JsonPropertyName("failingSince")]
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>From when on the next failure disables it, if nothing succeeds before.</summary>
    [JsonPropertyName("disabledAt")]
    public required DateTimeOffset? DisabledAt { get; init; }

    public static WebhookHealthMember Of(WebhookHealth health) => new()
    {
        Breaker = health.Breaker,
        PausedUntil = health.PausedUntil,
        PauseReason = health.PauseReason is { } reason ? JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()) : null,
        Failures = health.Failures,
        FailingSince = health.FailingSince,
        DisabledAt = health.DisabledAt,
    };
}

/// <summary>A value that payloads must have.</summary>
internal sealed record FilterMember
{
    [JsonPropertyName("path")]
    public string Path { get; init; } = "";

    [JsonPropertyName("value")]
    public string Value { get; init; } = "";
}

/// <summary>A header of a webhook's own. It is taken and never shown.</summary>
internal sealed record HeaderMember
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("value")]
    public string Value { get; init; } = "";

    public override string ToString() => $"{nameof(HeaderMember)} {{ Name = {Name} }}";
}

/// <summary>What may be known of a secret that is not shown.</summary>
internal sealed record SecretInfoResponse
{
    /// <summary>Its end.</summary>
    [JsonPropertyName("hint")]
    public required string Hint { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it no longer signs; null: it is the current one.</summary>
    [JsonPropertyName("expiresAt")]
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether the keys are there that it was protected with.</summary>
    [JsonPropertyName("readable")]
    public required bool Readable { get; init; }

    public static SecretInfoResponse Of(WebhookSecretInfo secret) => new()
    {
        Hint = secret.Hint,
        CreatedAt = secret.CreatedAt,
        ExpiresAt = secret.ExpiresAt,
        Readable = secret.Readable,
    };
}

/// <summary>The secrets that sign at this moment, the newest first.</summary>
internal sealed record SecretsResponse
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("secrets")]
    public required IReadOnlyList<string> Secrets { get; init; }

    public override string ToString() => $"{nameof(SecretsResponse)} {{ Id = {Id} }}";
}

/// <summary>A webhook and its secret: the answer to creation and to rotation, and to nothing else.</summary>
internal sealed record WebhookWithSecretResponse : WebhookResponse
{
    [SetsRequiredMembers]
    private WebhookWithSecretResponse(WebhookResponse webhook, string secret)
        : base(webhook) => Secret = secret;

    [JsonPropertyName("secret"), JsonPropertyOrder(1)]
    public required string Secret { get; init; }

    public static WebhookWithSecretResponse Of(WebhookWithSecret created, WebhookWarnings warnings) =>
        new(WebhookResponse.Of(created.Webhook, warnings), created.Secret);

    public override string ToString() => $"{nameof(WebhookWithSecretResponse)} {{ Id = {Id} }}";
}
