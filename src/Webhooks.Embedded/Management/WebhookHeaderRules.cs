using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Management;

/// <summary>What the headers of a webhook must be. No value is told: it is a secret.</summary>
internal static class WebhookHeaderRules
{
    private const string Field = "headers";

    public static IEnumerable<WebhookFieldError> Check(WebhookSettings settings, SignatureProfiles profiles)
    {
        if (settings.Headers is not { Count: > 0 } headers)
        {
            return [];
        }

        if (headers.Count > HeaderRules.MaxHeaders)
        {
            return [new(Field, "too_many", $"There are {headers.Count} headers; at most {HeaderRules.MaxHeaders} are allowed.")];
        }

        var ofProfile = settings.SignatureProfile is { } profile ? profiles.HeaderNames(profile) : [];
        var errors = headers.SelectMany((header, index) => Check(header, $"{Field}[{index}]", ofProfile)).ToList();
        foreach (var name in headers.Where(header => header?.Name is not null).CountBy(header => header.Name, StringComparer.OrdinalIgnoreCase).Where(count => count.Value > 1))
        {
            errors.Add(new(Field, "duplicate", $"{name.Key} is there more than once; names that differ in case alone are the same."));
        }

        var length = headers.Sum(header => (header?.Name?.Length ?? 0) + (header?.Value?.Length ?? 0));
        if (errors.Count == 0 && length > HeaderRules.MaxLength)
        {
            errors.Add(new(Field, "too_long", $"Names and values have {length} characters together; at most {HeaderRules.MaxLength} are allowed."));
        }

        return errors;
    }

    private static IEnumerable<WebhookFieldError> Check(WebhookHeader? header, string field, IReadOnlyList<string> ofProfile)
    {
        if (!HeaderRules.IsName(header?.Name))
        {
            yield return new($"{field}.name", "invalid_name", $"A name is 1 to {HeaderRules.MaxNameLength} letters, digits and !#$%&'*+-.^_`|~.");
        }
        else if (HeaderRules.IsReserved(header.Name))
        {
            yield return new($"{field}.name", "reserved_name", $"{header.Name} cannot be set: it says what the request is or where it goes, or the library sets it.");
        }
        else if (ofProfile.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
        {
            yield return new($"{field}.name", "reserved_name", $"{header.Name} cannot be set: the signature profile sets it.");
        }

        if (!HeaderRules.IsValue(header?.Value))
        {
            yield return new(
                $"{field}.value", "invalid_value", $"A value is 1 to {HeaderRules.MaxValueLength} printable ASCII characters, without spaces at its ends.");
        }
    }
}
