using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>A page of a list.</summary>
internal sealed record BirdList<T>(
    [property: JsonPropertyName("nextPageToken")] string? NextPageToken,
    [property: JsonPropertyName("results")] IReadOnlyList<T> Results);

/// <summary>A webhook, which Bird calls a subscription.</summary>
internal sealed record BirdWebhook
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("organizationId")]
    public required Guid OrganizationId { get; init; }

    [JsonPropertyName("workspaceId")]
    public required string WorkspaceId { get; init; }

    [JsonPropertyName("service")]
    public required string? Service { get; init; }

    [JsonPropertyName("event")]
    public required string Event { get; init; }

    [JsonPropertyName("eventFilters")]
    public required IReadOnlyList<BirdFilter> EventFilters { get; init; }

    [JsonPropertyName("template")]
    public required string? Template { get; init; }

    [JsonPropertyName("url")]
    public required string Url { get; init; }

    /// <summary>Whole in the answer to its creation, masked ever after.</summary>
    [JsonPropertyName("signingKey")]
    public required string SigningKey { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }

    public static BirdWebhook Of(Webhook webhook, Guid organizationId, string workspaceId)
    {
        var (service, template) = BirdMetadata.Read(webhook.Metadata);
        return new()
        {
            Id = webhook.Uid,
            OrganizationId = organizationId,
            WorkspaceId = workspaceId,
            Service = service,

            // One of another API may have more triggers than one.
            Event = string.Join(',', webhook.Triggers),
            EventFilters = [.. webhook.Filters.Select(filter => new BirdFilter { Key = filter.Path, Value = filter.Value })],
            Template = template,
            Url = webhook.Url,
            SigningKey = $"****{webhook.SecretHint}",
            Status = webhook.Enabled ? BirdStatus.Active : BirdStatus.Inactive,
            CreatedAt = webhook.CreatedAt,
            UpdatedAt = webhook.UpdatedAt,
        };
    }

    /// <summary>Without the key, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(BirdWebhook)} {{ Id = {Id} }}";
}

internal sealed record BirdFilter
{
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    [JsonPropertyName("value")]
    public string? Value { get; init; }
}

internal static class BirdStatus
{
    public const string Active = "active";
    public const string Inactive = "inactive";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
}

/// <summary>What clients send to create and to change a subscription. On a change, what is left out stays.</summary>
internal sealed class BirdWebhookBody
{
    [JsonPropertyName("service"), DisallowNull]
    public string? Service { get; set; }

    [JsonPropertyName("event"), DisallowNull]
    public string? Event { get; set; }

    /// <summary>Null takes them away, like an empty list.</summary>
    [JsonPropertyName("eventFilters")]
    public IReadOnlyList<BirdFilter?>? EventFilters
    {
        get;
        set
        {
            field = value;
            HasEventFilters = true;
        }
    }

    /// <summary>Null takes it away.</summary>
    [JsonPropertyName("template")]
    public string? Template
    {
        get;
        set
        {
            field = value;
            HasTemplate = true;
        }
    }

    [JsonPropertyName("url"), DisallowNull]
    public string? Url { get; set; }

    [JsonPropertyName("signingKey"), DisallowNull]
    public string? SigningKey { get; set; }

    [JsonPropertyName("status"), DisallowNull]
    public string? Status { get; set; }

    [JsonIgnore]
    public bool HasEventFilters { get; private set; }

    [JsonIgnore]
    public bool HasTemplate { get; private set; }
}

/// <summary>A request, that is a delivery, with how its last attempt ended; or one of its attempts.</summary>
internal record BirdLog
{
    [JsonPropertyName("organizationId")]
    public required Guid OrganizationId { get; init; }

    [JsonPropertyName("workspaceId")]
    public required string WorkspaceId { get; init; }

    [JsonPropertyName("subscriptionId")]
    public required Guid WebhookId { get; init; }

    [JsonPropertyName("requestId")]
    public required Guid RequestId { get; init; }

    /// <summary>In the list, how many attempts were made; in details, which one it is.</summary>
    [JsonPropertyName("attemptCount")]
    public required int AttemptCount { get; init; }

    /// <summary>0 where no answer came.</summary>
    [JsonPropertyName("httpStatusCode")]
    public required int HttpStatusCode { get; init; }

    [JsonPropertyName("executionStatus")]
    public required string ExecutionStatus { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>An attempt with what was said.</summary>
internal sealed record BirdLogDetails : BirdLog
{
    [SetsRequiredMembers]
    public BirdLogDetails(BirdLog log, WebhookAttempt attempt, ReadOnlyMemory<byte>? payload)
        : base(log) =>
        PayloadDetails = new BirdPayloads(
            attempt.ResponseBody ?? attempt.Error ?? "", payload is { } sent ? Encoding.UTF8.GetString(sent.Span) : "");

    [JsonPropertyName("payloadDetails"), JsonPropertyOrder(1)]
    public BirdPayloads PayloadDetails { get; }
}

/// <summary>The bodies of an attempt.</summary>
/// <param name="Response">What the receiver answered; where it did not, why.</param>
/// <param name="Request">What was sent; empty once retention has taken it.</param>
internal sealed record BirdPayloads(
    [property: JsonPropertyName("response")] string Response,
    [property: JsonPropertyName("request")] string Request);
