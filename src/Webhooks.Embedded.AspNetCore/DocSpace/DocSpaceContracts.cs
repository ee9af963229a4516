using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>A webhook as clients see it. The secret is never among it.</summary>
internal record DocSpaceConfig
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    [JsonPropertyName("enabled")]
    public required bool Enabled { get; init; }

    [JsonPropertyName("ssl")]
    public required bool Ssl { get; init; }

    [JsonPropertyName("triggers")]
    public required long Triggers { get; init; }

    [JsonPropertyName("triggerNames")]
    public required IReadOnlyList<string> TriggerNames { get; init; }

    [JsonPropertyName("targetId")]
    public string? TargetId { get; init; }

    [JsonPropertyName("createdBy")]
    public DocSpaceEmployee? CreatedBy { get; init; }

    [JsonPropertyName("createdOn")]
    public required DateTimeOffset CreatedOn { get; init; }

    [JsonPropertyName("modifiedOn")]
    public required DateTimeOffset ModifiedOn { get; init; }

    [JsonPropertyName("lastFailureOn")]
    public DateTimeOffset? LastFailureOn { get; init; }

    [JsonPropertyName("lastFailureContent")]
    public string? LastFailureContent { get; init; }

    [JsonPropertyName("lastSuccessOn")]
    public DateTimeOffset? LastSuccessOn { get; init; }
}

/// <summary>
/// A row of the list. DocSpace's documentation has the webhook's members in the row itself, its server puts them into <c>configs</c>;
/// clients of both kinds find theirs.
/// </summary>
internal sealed record DocSpaceWebhookRow : DocSpaceConfig
{
    [SetsRequiredMembers]
    public DocSpaceWebhookRow(DocSpaceConfig configs, int status)
        : base(configs)
    {
        Configs = configs;
        Status = status;
    }

    [JsonPropertyName("configs")]
    [JsonPropertyOrder(1)]
    public DocSpaceConfig Configs { get; }

    /// <summary>The HTTP status of the webhook's last attempt; 0 where there was none, or no answer.</summary>
    [JsonPropertyName("status")]
    [JsonPropertyOrder(1)]
    public int Status { get; }
}

/// <summary>A person. The app knows one name of them, so both members hold it.</summary>
internal sealed record DocSpaceEmployee(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("displayName")] string DisplayName);

/// <summary>A trigger to choose. Whoever may use this API may use all of them.</summary>
internal sealed record DocSpaceTrigger(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("available")] bool Available);

/// <summary>A delivery with its last attempt.</summary>
internal sealed record DocSpaceLogRow
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("configName")]
    public required string ConfigName { get; init; }

    [JsonPropertyName("trigger")]
    public required long Trigger { get; init; }

    [JsonPropertyName("triggerName")]
    public required string TriggerName { get; init; }

    [JsonPropertyName("creationTime")]
    public required DateTimeOffset CreationTime { get; init; }

    /// <summary>JSON within a string, each header's values an array.</summary>
    [JsonPropertyName("requestHeaders")]
    public string? RequestHeaders { get; init; }

    [JsonPropertyName("requestPayload")]
    public string? RequestPayload { get; init; }

    [JsonPropertyName("responseHeaders")]
    public string? ResponseHeaders { get; init; }

    [JsonPropertyName("responsePayload")]
    public string? ResponsePayload { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("delivery")]
    public DateTimeOffset? Delivery { get; init; }
}

/// <summary>What clients send to create, change and enable. What is missing is off, as clients of DocSpace expect.</summary>
internal sealed record DocSpaceConfigBody
{
    [JsonPropertyName("id")]
    public long? Id { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("uri")]
    public string? Uri { get; init; }

    [JsonPropertyName("secretKey")]
    public string? SecretKey { get; init; }

    [JsonPropertyName("enabled")]
    public bool? Enabled { get; init; }

    [JsonPropertyName("ssl")]
    public bool? Ssl { get; init; }

    [JsonPropertyName("triggers")]
    public JsonElement? Triggers { get; init; }

    [JsonPropertyName("targetId")]
    public string? TargetId { get; init; }

    /// <summary>Without the secret, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(DocSpaceConfigBody)} {{ Id = {Id}, Name = {Name}, Uri = {Uri} }}";
}

/// <summary>What clients send to retry many.</summary>
internal sealed record DocSpaceRetryBody
{
    [JsonPropertyName("ids")]
    public IReadOnlyList<long>? Ids { get; init; }
}
