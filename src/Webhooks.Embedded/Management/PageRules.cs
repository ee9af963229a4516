using System.Globalization;

namespace Webhooks.Embedded.Management;

/// <summary>Limits and cursors of lists. A cursor is the key of the page's last row; what is no cursor is refused.</summary>
internal static class PageRules
{
    private const int MaxLimit = 1000;
    private const int MaxOffset = 100_000;
    private const int MaxIds = 1000;
    private const int MaxEventIds = 200;

    public static void Check(int limit, int offset = 0)
    {
        if (limit is < 1 or > MaxLimit)
        {
            throw new WebhookValidationException("limit", "out_of_range", $"It is {limit}; it must be from 1 to {MaxLimit}.");
        }

        if (offset is < 0 or > MaxOffset)
        {
            throw new WebhookValidationException("offset", "out_of_range", $"It is {offset}; it must be from 0 to {MaxOffset}.");
        }
    }

    public static void CheckIds(WebhookDeliveryQuery query)
    {
        CheckIds(query.Ids);
        if (query.EventIds.Count > MaxEventIds)
        {
            throw new WebhookValidationException(
                "eventIds", "too_many", $"There are {query.EventIds.Count} ids of events; at most {MaxEventIds} are allowed.");
        }
    }

    public static void CheckIds(IReadOnlyCollection<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count > MaxIds)
        {
            throw new WebhookValidationException("ids", "too_many", $"There are {ids.Count} ids; at most {MaxIds} are allowed.");
        }
    }

    /// <summary>The key to go on from, or <paramref name="start"/> on the first page.</summary>
    public static long Read(string? cursor, long start) =>
        cursor is null ? start
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? key
        : throw new WebhookValidationException("cursor", "invalid_cursor", "It is not a cursor that a page came with.");

    /// <summary>One row more than asked for was read: if it is there, there is a next page.</summary>
    public static WebhookPage<TItem> Page<TRow, TItem>(
        IReadOnlyList<TRow> rows, int limit, Func<TRow, long> key, Func<TRow, TItem> item)
    {
        var items = rows.Take(limit).Select(item).ToArray();
        return new WebhookPage<TItem>(items, rows.Count > limit ? key(rows[limit - 1]).ToString(CultureInfo.InvariantCulture) : null);
    }
}
