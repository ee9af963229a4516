using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>JSON that is shown as it is stored, however deeply it is nested.</summary>
internal static class RawJson
{
    private const int MaxDepth = 1024;

    public static JsonElement Of(ReadOnlyMemory<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        return JsonElement.ParseValue(ref reader);
    }

    public static JsonElement? Of(string? json) =>
        json is null ? null : JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
}
