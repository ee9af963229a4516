using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed class PreviewOperationRequest
{
    [JsonPropertyName("filter")]
    public Dictionary<string, JsonElement> Filter { get; set; } = [];
}

internal sealed class StartOperationRequest
{
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("filter")]
    public Dictionary<string, JsonElement> Filter { get; set; } = [];

    [JsonPropertyName("all")]
    public bool All { get; set; }

    [JsonPropertyName("rate")]
    public int? Rate { get; set; }
}

internal sealed record OperationPreviewResponse
{
    [JsonPropertyName("count")]
    public required int Count { get; init; }

    [JsonPropertyName("countIsAtLeast")]
    public required bool CountIsAtLeast { get; init; }

    [JsonPropertyName("sample")]
    public required IReadOnlyList<DeliveryResponse> Sample { get; init; }

    public static OperationPreviewResponse Of(WebhookOperationPreview preview, WebhookRetryOptions? retry) => new()
    {
        Count = preview.Count,
        CountIsAtLeast = preview.CountIsAtLeast,
        Sample = [.. preview.Sample.Select(delivery => DeliveryResponse.Of(delivery, retry))],
    };
}

internal sealed record OperationResponse
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("kind"), JsonConverter(typeof(SnakeCaseConverter<WebhookOperationKind>))]
    public required WebhookOperationKind Kind { get; init; }

    [JsonPropertyName("status"), JsonConverter(typeof(SnakeCaseConverter<WebhookOperationStatus>))]
    public required WebhookOperationStatus Status { get; init; }

    [JsonPropertyName("tenant")]
    public required string? Tenant { get; init; }

    [JsonPropertyName("filter")]
    public required JsonObject Filter { get; init; }

    [JsonPropertyName("rate")]
    public required int Rate { get; init; }

    [JsonPropertyName("createdBy")]
    public required string? CreatedBy { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updatedAt")]
    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonPropertyName("finishedAt")]
    public required DateTimeOffset? FinishedAt { get; init; }

    [JsonPropertyName("matched")]
    public required int Matched { get; init; }

    [JsonPropertyName("matchedIsAtLeast")]
    public required bool MatchedIsAtLeast { get; init; }

    [JsonPropertyName("done")]
    public required int Done { get; init; }

    [JsonPropertyName("skipped")]
    public required OperationSkipsResponse Skipped { get; init; }

    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    public static OperationResponse Of(WebhookOperation operation) => new()
    {
        Id = operation.Id,
        Kind = operation.Kind,
        Status = operation.Status,
        Tenant = operation.Tenant,
        Filter = OperationFilter.Of(operation.Query),
        Rate = operation.Rate,
        CreatedBy = operation.CreatedBy,
        CreatedAt = operation.CreatedAt,
        UpdatedAt = operation.UpdatedAt,
        FinishedAt = operation.FinishedAt,
        Matched = operation.Matched,
        MatchedIsAtLeast = operation.MatchedIsAtLeast,
        Done = operation.Done,
        Skipped = OperationSkipsResponse.Of(operation.Skipped),
        Error = operation.Error,
    };
}

/// <summary>How many deliveries were left as they are, by the reason.</summary>
internal sealed record OperationSkipsResponse
{
    [JsonPropertyName("underWay")]
    public required int UnderWay { get; init; }

    [JsonPropertyName("webhookDisabled")]
    public required int WebhookDisabled { get; init; }

    [JsonPropertyName("webhookDeleted")]
    public required int WebhookDeleted { get; init; }

    [JsonPropertyName("payloadExpired")]
    public required int PayloadExpired { get; init; }

    [JsonPropertyName("alreadyFinished")]
    public required int AlreadyFinished { get; init; }

    [JsonPropertyName("gone")]
    public required int Gone { get; init; }

    public static OperationSkipsResponse Of(WebhookOperationSkips skips) => new()
    {
        UnderWay = skips.UnderWay,
        WebhookDisabled = skips.WebhookDisabled,
        WebhookDeleted = skips.WebhookDeleted,
        PayloadExpired = skips.PayloadExpired,
        AlreadyFinished = skips.AlreadyFinished,
        Gone = skips.Gone,
    };
}
