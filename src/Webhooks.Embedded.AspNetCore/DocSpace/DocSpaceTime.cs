using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Times as this API has them: read in any form that says a date, written in UTC with a <c>Z</c> and milliseconds.</summary>
internal static partial class DocSpaceTime
{
    /// <summary>Reads a time of a query string. Without a zone it is UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset value)
    {
        var isTime = DateTime.TryParse(
            LostPlus().Replace(text, "${time}+${offset}"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault,
            out var time);
        value = isTime ? new DateTimeOffset(time) : default;

        // A time of day alone comes out as the year 1, since no date is made up for it.
        return isTime && time.Year > 1;
    }

    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    // A `+` that was not escaped in a query string arrives as a space: 2026-01-31T18:30:00 04:00.
    [GeneratedRegex(@"^(?<time>.+:\d\d(\.\d+)?) (?<offset>\d\d:?\d\d)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex LostPlus();
}

internal sealed class DocSpaceTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(DocSpaceTime.Format(value));
}
