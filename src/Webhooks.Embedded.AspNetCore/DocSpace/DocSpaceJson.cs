using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Reads and writes this API's JSON with options of its own: the host's change nothing, and are not changed.</summary>
internal static class DocSpaceJson
{
    private static readonly JsonSerializerOptions Options = new DocSpaceJsonContext(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        MaxDepth = RequestBody.MaxDepth,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Logs hold JSON within strings: escaped as for a page of HTML, which this never is, nobody could read them.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new DocSpaceTimeConverter() },
    }).Options;

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ProblemException">It is too large, not said to be JSON, or not JSON.</exception>
    /// <exception cref="WebhookValidationException">It is not of this shape.</exception>
    public static Task<T> ReadAsync<T>(HttpContext http)
        where T : class => RequestBody.ReadAsync(http, TypeInfo<T>());

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(HttpResponse response, DocSpaceEnvelope<T> envelope)
    {
        response.StatusCode = envelope.StatusCode;
        return response.WriteAsJsonAsync(envelope, TypeInfo<DocSpaceEnvelope<T>>(), cancellationToken: response.HttpContext.RequestAborted);
    }

    /// <summary>Headers as the log has them: JSON within a string, each header's values an array. Null where there are none.</summary>
    public static string? Headers(IReadOnlyList<KeyValuePair<string, string>> headers) => headers.Count == 0
        ? null
        : JsonSerializer.Serialize(
            headers.GroupBy(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(group => group.Key, group => group.ToArray()),
            TypeInfo<Dictionary<string, string[]>>());

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

[JsonSerializable(typeof(DocSpaceConfigBody))]
[JsonSerializable(typeof(DocSpaceRetryBody))]
[JsonSerializable(typeof(DocSpaceEnvelope<IReadOnlyList<DocSpaceWebhookRow>>))]
[JsonSerializable(typeof(DocSpaceEnvelope<IReadOnlyList<DocSpaceLogRow>>))]
[JsonSerializable(typeof(DocSpaceEnvelope<IReadOnlyList<DocSpaceTrigger>>))]
[JsonSerializable(typeof(DocSpaceEnvelope<DocSpaceConfig>))]
[JsonSerializable(typeof(DocSpaceEnvelope<DocSpaceLogRow>))]
[JsonSerializable(typeof(DocSpaceEnvelope<DocSpaceProblem>))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class DocSpaceJsonContext : JsonSerializerContext;
