using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>Members of webhooks as settings have them.</summary>
internal static class WebhookMembers
{
    private const double MaxSeconds = 1e9;

    // The serializer lets null pass inside lists; as an empty value it is refused with the others.
    public static IReadOnlyList<string> Triggers(IReadOnlyList<string?> patterns) => [.. patterns.Select(pattern => pattern ?? "")];

    public static IReadOnlyList<WebhookFilter> Filters(IReadOnlyList<FilterMember?> filters) =>
        [.. filters.Select((filter, index) => filter is null
            ? throw new WebhookValidationException($"filters[{index}]", "wrong_type", "Must be an object with path and value.")
            : new WebhookFilter(filter.Path, filter.Value))];

    public static IReadOnlyList<WebhookHeader> Headers(IReadOnlyList<HeaderMember?> headers) =>
        [.. headers.Select((header, index) => header is null
            ? throw new WebhookValidationException($"headers[{index}]", "wrong_type", "Must be an object with name and value.")
            : new WebhookHeader(header.Name, header.Value))];

    public static IReadOnlyList<TimeSpan>? Seconds(IReadOnlyList<double>? seconds) => seconds?.Select(value => Seconds(value)!.Value).ToArray();

    /// <summary>What is no time at all is out of every range, so that it is refused with the others.</summary>
    public static TimeSpan? Seconds(double? seconds) => seconds is not { } value ? null
        : double.Abs(value) < MaxSeconds ? TimeSpan.FromSeconds(value)
        : TimeSpan.MinValue;

    public static string? Metadata(JsonElement? metadata) => metadata?.ValueKind switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.Object => metadata.Value.GetRawText(),
        _ => throw new WebhookValidationException("metadata", "wrong_type", "Must be a JSON object or null."),
    };
}
