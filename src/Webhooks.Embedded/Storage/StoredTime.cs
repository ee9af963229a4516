using System.Globalization;

namespace Webhooks.Embedded.Storage;

/// <summary>Times as the columns have them: Unix milliseconds, and spans in milliseconds.</summary>
internal static class StoredTime
{
    public static DateTimeOffset? Read(long? column) => column is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    public static long? Write(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    public static TimeSpan? ReadSpan(int? column) => column is { } value ? TimeSpan.FromMilliseconds(value) : null;

    public static int? WriteSpan(TimeSpan? span) => (int?)span?.TotalMilliseconds;

    /// <summary>Spans separated by spaces.</summary>
    public static IReadOnlyList<TimeSpan>? ReadSpans(string? column) =>
        column?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(span => TimeSpan.FromMilliseconds(long.Parse(span, CultureInfo.InvariantCulture)))
            .ToArray();

    public static string? WriteSpans(IReadOnlyList<TimeSpan>? spans) =>
        spans is null ? null : string.Join(' ', spans.Select(span => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
}
