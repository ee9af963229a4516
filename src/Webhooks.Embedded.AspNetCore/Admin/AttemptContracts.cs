using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>An attempt as it stands in lists of deliveries: what came of it, not what was said.</summary>
internal record AttemptSummaryResponse
{
    [JsonPropertyName("number")]
    public required int Number { get; init; }

    [JsonPropertyName("startedAt")]
    public required DateTimeOffset StartedAt { get; init; }

    [JsonPropertyName("finishedAt")]
    public required DateTimeOffset FinishedAt { get; init; }

    [JsonPropertyName("durationMs")]
    public required long DurationMs { get; init; }

    [JsonPropertyName("outcome"), JsonConverter(typeof(SnakeCaseConverter<WebhookAttemptOutcome>))]
    public required WebhookAttemptOutcome Outcome { get; init; }

    [JsonPropertyName("statusCode")]
    public required int? StatusCode { get; init; }

    [JsonPropertyName("error")]
    public required string? Error { get; init; }

    public static AttemptSummaryResponse Of(WebhookAttempt attempt) => new()
    {
        Number = attempt.Number,
        StartedAt = attempt.StartedAt,
        FinishedAt = attempt.FinishedAt,
        DurationMs = (long)attempt.Duration.TotalMilliseconds,
        Outcome = attempt.Outcome,
        StatusCode = attempt.StatusCode,
        Error = attempt.Error,
    };
}

/// <summary>An attempt with its request and its response.</summary>
internal sealed record AttemptResponse : AttemptSummaryResponse
{
    [SetsRequiredMembers]
    private AttemptResponse(AttemptSummaryResponse summary, WebhookAttempt attempt)
        : base(summary)
    {
        Url = attempt.Url;
        RequestHeaders = HeaderResponse.Of(attempt.RequestHeaders);
        ResponseHeaders = HeaderResponse.Of(attempt.ResponseHeaders);
        ResponseBody = attempt.ResponseBody;
        ResponseTruncated = attempt.ResponseTruncated;
    }

    [JsonPropertyName("url"), JsonPropertyOrder(1)]
    public required string Url { get; init; }

    [JsonPropertyName("requestHeaders"), JsonPropertyOrder(2)]
    public required IReadOnlyList<HeaderResponse> RequestHeaders { get; init; }

    [JsonPropertyName("responseHeaders"), JsonPropertyOrder(3)]
    public required IReadOnlyList<HeaderResponse> ResponseHeaders { get; init; }

    [JsonPropertyName("responseBody"), JsonPropertyOrder(4)]
    public required string? ResponseBody { get; init; }

    [JsonPropertyName("responseTruncated"), JsonPropertyOrder(5)]
    public required bool ResponseTruncated { get; init; }

    public static new AttemptResponse Of(WebhookAttempt attempt) => new(AttemptSummaryResponse.Of(attempt), attempt);
}

/// <summary>A header. A list of them, not an object: names may come twice.</summary>
internal sealed record HeaderResponse
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("value")]
    public required string Value { get; init; }

    public static IReadOnlyList<HeaderResponse> Of(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        [.. headers.Select(header => new HeaderResponse { Name = header.Key, Value = header.Value })];
}
