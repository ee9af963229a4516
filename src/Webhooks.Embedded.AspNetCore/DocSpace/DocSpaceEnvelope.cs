using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>What every answer is wrapped in.</summary>
internal sealed record DocSpaceEnvelope<T>
{
    [JsonPropertyName("response")]
    public T? Response { get; init; }

    [JsonPropertyName("error")]
    public DocSpaceError? Error { get; init; }

    /// <summary>How many items the response holds.</summary>
    [JsonPropertyName("count")]
    public int? Count { get; init; }

    /// <summary>How many items there are on all pages.</summary>
    [JsonPropertyName("total")]
    public int? Total { get; init; }

    [JsonPropertyName("links")]
    public IReadOnlyList<DocSpaceLink>? Links { get; init; }

    /// <summary>0 where all is well, 1 after an error; not the HTTP status.</summary>
    [JsonPropertyName("status")]
    public int Status => Error is null ? 0 : 1;

    /// <summary>The HTTP status.</summary>
    [JsonPropertyName("statusCode")]
    public required int StatusCode { get; init; }
}

/// <summary>Where the answer came from.</summary>
internal sealed record DocSpaceLink(
    [property: JsonPropertyName("href")] string Href,
    [property: JsonPropertyName("action")] string Action);

/// <summary>Why there is no answer, in words for people.</summary>
internal sealed record DocSpaceError([property: JsonPropertyName("message")] string Message);

/// <summary>The response of a refused input: what is wrong with each field.</summary>
internal sealed record DocSpaceProblem
{
    [JsonPropertyName("type")]
    public string Type { get; } = "https://tools.ietf.org/html/rfc9110#section-15.5.1";

    [JsonPropertyName("title")]
    public string Title { get; } = "One or more validation errors occurred.";

    [JsonPropertyName("status")]
    public int Status { get; } = 400;

    [JsonPropertyName("errors")]
    public required IReadOnlyDictionary<string, string[]> Errors { get; init; }

    [JsonPropertyName("traceId")]
    public required string TraceId { get; init; }
}
