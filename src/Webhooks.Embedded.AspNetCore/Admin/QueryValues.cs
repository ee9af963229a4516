using System.Globalization;
using System.Text.Json;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>Reads the values of a query string, all as text, and collects what is wrong with them.</summary>
internal sealed class QueryValues
{
    internal const int DefaultLimit = 50;
    internal const int MaxLimit = 200;

    // An offset is demanded: without one a time means another moment on another machine.
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    private readonly List<WebhookFieldError> _faults = [];

    public string? Text(string field, string? value)
    {
        if (value is { Length: 0 })
        {
            Fault(field, "required", "Give a value, or leave the parameter out.");
        }

        return value;
    }

    public int Limit(string? value)
    {
        if (value is null)
        {
            return DefaultLimit;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit)
        {
            return limit;
        }

        Fault("limit", "out_of_range", $"Must be a whole number from 1 to {MaxLimit}.");
        return DefaultLimit;
    }

    public int? Number(string field, string? value, int min, int max)
    {
        if (value is null)
        {
            return null;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Fault(field, "out_of_range", $"Must be a whole number from {min} to {max}.");
        return null;
    }

    public bool? Boolean(string field, string? value)
    {
        if (value is null or "true" or "false")
        {
            return value is null ? null : value == "true";
        }

        Fault(field, "wrong_type", "Must be true or false.");
        return null;
    }

    public Guid? Uuid(string field, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (Ids.TryUuid(value, out var uuid))
        {
            return uuid;
        }

        Fault(field, "wrong_type", "Must be a UUID.");
        return null;
    }

    public DateTimeOffset? Time(string field, string? value)
    {
        if (value is null)
        {
            return null;
        }

        var spelled = value.EndsWith('Z') ? $"{value[..^1]}+00:00" : value;
        if (DateTimeOffset.TryParseExact(spelled, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        Fault(
            field,
            "not_a_time",
            "Must be a time with its offset, such as 2030-01-31T12:00:00Z or 2030-01-31T12:00:00%2B02:00 (a plus sign is written %2B).");
        return null;
    }

    public void InOrder<T>(string fromField, T? from, T? to)
        where T : struct, IComparable<T>
    {
        if (from is { } start && to is { } end && start.CompareTo(end) > 0)
        {
            Fault(fromField, "out_of_range", "Must not be beyond the end of the range.");
        }
    }

    /// <summary>The values of a repeated parameter whose names are those of an enum, in snake_case.</summary>
    public IReadOnlyList<T> Names<T>(string field, IReadOnlyList<string?>? values)
        where T : struct, Enum
    {
        var found = new List<T>();
        foreach (var value in values ?? [])
        {
            if (Named<T>.ByName.TryGetValue(value ?? "", out var item))
            {
                found.Add(item);
            }
            else
            {
                Fault(field, "unknown_value", $"Must be one of {string.Join(", ", Named<T>.ByName.Keys)}.");
            }
        }

        return found;
    }

    public void Fault(string field, string code, string message) => _faults.Add(new WebhookFieldError(field, code, message));

    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new WebhookValidationException(_faults);
        }
    }

    private static class Named<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<string, T> ByName = Enum.GetValues<T>()
            .ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);
    }
}
