using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal sealed record TriggerResponse
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public required string? Description { get; init; }

    [JsonPropertyName("number")]
    public required int? Number { get; init; }

    public static TriggerResponse Of(WebhookTrigger trigger) =>
        new() { Name = trigger.Name, Description = trigger.Description, Number = trigger.Number };
}
