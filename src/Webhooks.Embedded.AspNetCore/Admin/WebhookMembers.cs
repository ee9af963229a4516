using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>Members of webhooks as settings have them.</summary>
internal static class WebhookMembers
{
    // The serializer lets null pass inside lists; as an empty value it is refused with the others.
    public static IReadOnlyList<string> Triggers(IReadOnlyList<string?> patterns) => [.. patterns.Select(pattern => pattern ?? "")];

    public static IReadOnlyList<WebhookFilter> Filters(IReadOnlyList<FilterMember?> filters) =>
        [.. filters.Select((filter, index) => filter is null
            ? throw new WebhookValidationException($"filters[{index}]", "wrong_type", "Must be an object with path and value.")
            : new WebhookFilter(filter.Path, filter.Value))];

    public static string? Metadata(JsonElement? metadata) => metadata?.ValueKind switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.Object => metadata.Value.GetRawText(),
        _ => throw new WebhookValidationException("metadata", "wrong_type", "Must be a JSON object or null."),
    };
}
