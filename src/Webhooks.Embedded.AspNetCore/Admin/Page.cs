using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>A page of a list.</summary>
internal sealed record Page<T>
{
    [JsonPropertyName("items")]
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>To be given as <c>cursor</c> for the next page; null on the last one.</summary>
    [JsonPropertyName("next")]
    public required string? Next { get; init; }
}

internal static class Page
{
    /// <summary>Of a list that is not cut into pages.</summary>
    public static Page<T> Only<T>(IEnumerable<T> items) => new() { Items = [.. items], Next = null };

    public static Page<TResponse> To<T, TResponse>(this WebhookPage<T> page, Func<T, TResponse> convert) =>
        new() { Items = [.. page.Items.Select(convert)], Next = page.Next };
}
