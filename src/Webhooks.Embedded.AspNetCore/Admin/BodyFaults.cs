using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>
/// Says what is wrong with a body that could not be read, field by field. The serializer's own messages name types of ours and stop at the first fault.
/// </summary>
internal static class BodyFaults
{
    private const int MaxNameLength = 64;
    private const int MaxFaults = 20;

    public static Exception NotAnObject() =>
        new WebhookValidationException("body", "wrong_type", "The body must be a JSON object.");

    public static Exception Explain(ReadOnlySpan<byte> json, JsonTypeInfo type, JsonException exception)
    {
        // Only the reader's faults, those of syntax, come with an exception of its own inside.
        if (exception.InnerException is JsonException)
        {
            return new ProblemException(AdminProblems.MalformedJson(
                $"Not one well-formed JSON value of at most 64 levels; see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }

        if (FirstToken(json) != JsonTokenType.StartObject)
            return NotAnObject();

        var names = MemberNames(json);
        var known = type.Properties.Select(property => property.Name).ToArray();
        var faults = new List<WebhookFieldError>();
        faults.AddRange(names.Distinct(StringComparer.Ordinal).Except(known, StringComparer.Ordinal).Take(MaxFaults).Select(name =>
            new WebhookFieldError(Shortened(name), "unknown_member", $"There is no such member here. Known: {string.Join(", ", known)}.")));
        faults.AddRange(names.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1).Take(MaxFaults).Select(same =>
            new WebhookFieldError(Shortened(same.Key), "duplicate_member", "The member is there more than once.")));
        if (faults.Count == 0)
            faults.Add(WrongType(type, exception.Path ?? "$"));
        return new WebhookValidationException(faults);
    }

    private static WebhookFieldError WrongType(JsonTypeInfo type, string path)
    {
        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
        var name = field.Split('.', '[')[0];
        var property = type.Properties.FirstOrDefault(property => property.Name == name);
        return new WebhookFieldError(field, "wrong_type", property is null ? "The value has the wrong type." : $"Must be {Expected(property, inside: field != name)}.");
    }

    private static string Expected(JsonPropertyInfo property, bool inside)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var expected = type == typeof(string) ? "a string"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(IReadOnlyList<string>) ? (inside ? "a string" : "a list of strings")
            : type == typeof(IReadOnlyList<long>) ? (inside ? "a whole number" : "a list of whole numbers")
            : "another kind of value";
        return !inside && property.IsSetNullable && !type.IsValueType ? $"{expected} or null" : expected;
    }

    private static JsonTokenType FirstToken(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return reader.Read() ? reader.TokenType : JsonTokenType.None;
    }

    private static List<string> MemberNames(ReadOnlySpan<byte> json)
    {
        var names = new List<string>();
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                    names.Add(reader.GetString()!);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The serializer stopped at a fault before one of syntax, or a name is half a surrogate pair; what was found so far will do.
        }

        return names;
    }

    private static string Shortened(string name) => name.Length <= MaxNameLength ? name : $"{name[..MaxNameLength]}…";
}
