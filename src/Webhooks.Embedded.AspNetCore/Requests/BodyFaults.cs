using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>
/// Says what is wrong with a body that could not be read, field by field. The serializer's own messages name types of ours and stop at
/// the first fault.
/// </summary>
internal static class BodyFaults
{
    private const int MaxNameLength = 64;
    private const int MaxFaults = 20;

    // What the serializer takes where its options say nothing.
    private const int UnsetMaxDepth = 64;

    public static Exception NotAnObject() =>
        new WebhookValidationException("body", "wrong_type", "The body must be a JSON object.");

    public static Exception Explain(ReadOnlySpan<byte> json, JsonTypeInfo type, JsonException exception)
    {
        var maxDepth = type.Options.MaxDepth == 0 ? UnsetMaxDepth : type.Options.MaxDepth;
        List<string>? names;
        try
        {
            names = MemberNames(json, maxDepth);
        }
        catch (JsonException malformed)
        {
            return new ProblemException(RequestProblems.MalformedJson(
                $"Not one well-formed JSON value of at most {maxDepth} levels; "
                + $"see line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}."));
        }

        if (names is null)
        {
            return NotAnObject();
        }

        var known = type.Properties.Select(property => property.Name).ToArray();
        var faults = new List<WebhookFieldError>();
        if (type.Options.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow)
        {
            faults.AddRange(names.Distinct(StringComparer.Ordinal).Except(known, StringComparer.Ordinal).Take(MaxFaults).Select(name =>
                new WebhookFieldError(Shortened(name), "unknown_member", $"There is no such member here. Known: {string.Join(", ", known)}.")));
        }

        faults.AddRange(names.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1).Take(MaxFaults).Select(same =>
            new WebhookFieldError(Shortened(same.Key), "duplicate_member", "The member is there more than once.")));
        if (faults.Count == 0)
        {
            faults.Add(WrongType(type, exception.Path ?? "$"));
        }

        return new WebhookValidationException(faults);
    }

    // To the end, although the serializer stopped before it: what is not JSON is called that, whatever else is wrong with it.
    private static List<string>? MemberNames(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        List<string>? names = null;
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.StartObject, CurrentDepth: 0 })
            {
                names = [];
            }
            else if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 })
            {
                names?.Add(NameOf(reader));
            }
        }

        return names;
    }

    private static string NameOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair cannot be a string of ours; its escaped form can.
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    private static WebhookFieldError WrongType(JsonTypeInfo type, string path)
    {
        var field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
        var name = field.Split('.', '[')[0];
        var property = type.Properties.FirstOrDefault(property => property.Name == name);
        var expected = property is null ? "another kind of value" : Expected(property, inside: field != name);
        return new WebhookFieldError(field, "wrong_type", $"Must be {expected}.");
    }

    private static string Expected(JsonPropertyInfo property, bool inside)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var expected = type == typeof(string) ? "a string"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(IReadOnlyList<double>) ? (inside ? "a number" : "a list of numbers")
            : type == typeof(IReadOnlyList<string>) ? (inside ? "a string" : "a list of strings")
            : type == typeof(IReadOnlyList<long>) ? (inside ? "a whole number" : "a list of whole numbers")
            : "another kind of value";
        return !inside && property.IsSetNullable && !type.IsValueType ? $"{expected} or null" : expected;
    }

    private static string Shortened(string name) => name.Length <= MaxNameLength ? name : $"{name[..MaxNameLength]}…";
}
