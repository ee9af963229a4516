using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed record TriggerResponse
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public required string? Description { get; init; }

    [JsonPropertyName("number")]
    public required int? Number { get; init; }

    /// <summary>A payload as it may look; null where the app gave none.</summary>
    [JsonPropertyName("example"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Example { get; init; }

    /// <summary>The JSON schema of payloads; null where the app named no type, or one without a schema.</summary>
    [JsonPropertyName("schema"), JsonConverter(typeof(RawJsonConverter))]
    public required JsonElement? Schema { get; init; }

    public static TriggerResponse Of(WebhookTrigger trigger) => new()
    {
        Name = trigger.Name,
        Description = trigger.Description,
        Number = trigger.Number,
        Example = RawJson.Of(trigger.Example),
        Schema = RawJson.Of(trigger.Schema),
    };
}
