using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.Storage;

/// <summary>Filters of a webhook as one column.</summary>
internal static class StoredFilters
{
    public static string? Write(IReadOnlyList<WebhookFilter>? filters) =>
        filters is null or [] ? null : JsonSerializer.Serialize(filters, FilterJsonContext.Default.IReadOnlyListWebhookFilter);

    public static IReadOnlyList<WebhookFilter> Read(string? column) =>
        column is null ? [] : JsonSerializer.Deserialize(column, FilterJsonContext.Default.IReadOnlyListWebhookFilter)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<WebhookFilter>))]
internal sealed partial class FilterJsonContext : JsonSerializerContext;
