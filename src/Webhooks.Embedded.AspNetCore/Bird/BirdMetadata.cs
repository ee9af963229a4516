using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>Service and template of a subscription, which mean nothing to the library: they are kept in the webhook's metadata.</summary>
internal static class BirdMetadata
{
    private const string ServiceName = "service";
    private const string TemplateName = "template";

    public static (string? Service, string? Template) Read(string? metadata)
    {
        if (metadata is null)
        {
            return default;
        }

        using var json = JsonDocument.Parse(metadata);
        return (Text(json.RootElement, ServiceName), Text(json.RootElement, TemplateName));
    }

    /// <summary>The metadata with these two; what else is in it stays.</summary>
    public static string? Write(string? metadata, string? service, string? template)
    {
        var json = metadata is null ? [] : JsonNode.Parse(metadata)!.AsObject();
        Set(json, ServiceName, service);
        Set(json, TemplateName, template);
        return json.Count == 0 ? null : json.ToJsonString();
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Set(JsonObject json, string name, string? value)
    {
        json.Remove(name);
        if (value is not null)
        {
            json[name] = value;
        }
    }
}
