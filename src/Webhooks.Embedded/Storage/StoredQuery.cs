using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// A delivery query as one column, in JSON: every member that filters, by its own name, so that a new one needs nothing here. What pages is left
/// out.
/// </summary>
internal static class StoredQuery
{
    private static readonly WebhookDeliveryQuery Unfiltered = new();

    private static readonly QueryJsonContext ToAct = new(
        new JsonSerializerOptions(QueryJsonContext.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });

    public static string Write(WebhookDeliveryQuery query) => JsonSerializer.Serialize(OnlyFilters(query), QueryJsonContext.Default.WebhookDeliveryQuery);

    public static WebhookDeliveryQuery Read(string column) => JsonSerializer.Deserialize(column, QueryJsonContext.Default.WebhookDeliveryQuery)!;

    /// <summary>
    /// The same for whoever acts by it. A node of a newer version may have stored a filter that this one does not know: without it, far more would
    /// be found than was meant.
    /// </summary>
    /// <exception cref="JsonException">There is such a filter.</exception>
    public static WebhookDeliveryQuery ReadToAct(string column) => JsonSerializer.Deserialize(column, ToAct.WebhookDeliveryQuery)!;

    /// <summary>Whether it finds everything there is.</summary>
    public static bool IsUnfiltered(WebhookDeliveryQuery query) => OnlyFilters(query) == Unfiltered;

    public static WebhookDeliveryQuery OnlyFilters(WebhookDeliveryQuery query) => query with
    {
        // Lists are compared by reference, and every empty one is to be the same.
        Ids = query.Ids.Count == 0 ? Unfiltered.Ids : query.Ids,
        EventIds = query.EventIds.Count == 0 ? Unfiltered.EventIds : query.EventIds,
        Statuses = query.Statuses.Count == 0 ? Unfiltered.Statuses : query.Statuses,
        Outcomes = query.Outcomes.Count == 0 ? Unfiltered.Outcomes : query.Outcomes,
        Cursor = Unfiltered.Cursor,
        Offset = Unfiltered.Offset,
        Limit = Unfiltered.Limit,
        IncludePayload = Unfiltered.IncludePayload,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    PreferredObjectCreationHandling = JsonObjectCreationHandling.Replace)]
[JsonSerializable(typeof(WebhookDeliveryQuery))]
internal sealed partial class QueryJsonContext : JsonSerializerContext;
