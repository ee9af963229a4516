using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// An RFC 9457 problem. Not the framework's ProblemDetails: the host customises those, and its JSON options would rename their members.
/// </summary>
internal sealed record Problem : IResult
{
    internal const string ContentType = "application/problem+json";

    // Nothing here is read as HTML (nosniff), and people copy secrets from answers: they must not find \u002B where a plus sign is.
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly ProblemJsonContext Types = new(new JsonSerializerOptions { Encoder = Encoder });

    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <summary>The stable, machine-readable reason; the end of <see cref="Type"/>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>What is wrong with which field, where fields are at fault.</summary>
    [JsonPropertyName("errors"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyList<ProblemError>>? Errors { get; init; }

    /// <summary>Finds the log line of a fault of ours.</summary>
    [JsonPropertyName("traceId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; init; }

    public static Problem Of(int status, string code, string title, string detail) =>
        new() { Type = $"urn:webhooks:problem:{code}", Title = title, Status = status, Detail = detail, Code = code };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.WriteAsJsonAsync(this, Types.Problem, ContentType, httpContext.RequestAborted);
    }
}

/// <summary>One thing that is wrong with a field.</summary>
internal sealed record ProblemError(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message);

[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJsonContext : JsonSerializerContext;
