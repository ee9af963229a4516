using System.Text;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Management;

/// <summary>What a webhook's settings must be. Every fault is found, not the first alone.</summary>
internal static class WebhookRules
{
    public const int MaxTriggers = 100;
    private const int MaxNameLength = 255;
    private const int MaxTenantLength = 100;
    private const int MaxTextLength = 255;

    public static IReadOnlyList<WebhookFieldError> Check(
        WebhookSettings settings, IWebhookTriggers catalogue, SignatureProfiles profiles, WebhookEgressOptions egress)
    {
        var errors = new List<WebhookFieldError>();
        CheckText("name", settings.Name, MaxNameLength, isRequired: true, errors);
        CheckText("tenant", settings.Tenant, MaxTenantLength, isRequired: false, errors);
        CheckText("target", settings.Target, MaxTextLength, isRequired: false, errors);
        CheckText("createdBy", settings.CreatedBy, MaxTextLength, isRequired: false, errors);
        errors.AddRange(WebhookUrlRules.Check(settings.Url, egress));
        CheckTriggers(settings.Triggers, catalogue, errors);
        errors.AddRange(WebhookFilterRules.Check(settings.Filters));
        if (settings.SignatureProfile is { } profile && !profiles.Has(profile))
        {
            errors.Add(new("signatureProfile", "unknown_profile", $"'{profile}' is no signature profile. There are {string.Join(", ", profiles.Names)}."));
        }

        errors.AddRange(WebhookPaceRules.Check(settings));
        errors.AddRange(WebhookHeaderRules.Check(settings, profiles));
        if (WebhookMetadataRules.Check(settings.Metadata) is { } metadataError)
        {
            errors.Add(metadataError);
        }

        if (settings.Secret is not null && SecretText.Check(settings.Secret) is { } secretError)
        {
            errors.Add(secretError);
        }

        return errors;
    }

    private static void CheckTriggers(IReadOnlyList<string>? patterns, IWebhookTriggers catalogue, List<WebhookFieldError> errors)
    {
        if (patterns is null or [])
        {
            errors.Add(new("triggers", "required", "Name at least one trigger, or \"*\" for all."));
            return;
        }

        if (patterns.Count > MaxTriggers)
        {
            errors.Add(new("triggers", "too_many", $"There are {patterns.Count} triggers; at most {MaxTriggers} are allowed. \"*\" stands for all."));
            return;
        }

        foreach (var pattern in patterns)
        {
            if (!TriggerPattern.IsPattern(pattern))
            {
                errors.Add(new("triggers", "invalid_trigger", $"'{pattern}' is not the name of a trigger, a prefix such as \"order.*\", or \"*\"."));
            }
            else if (pattern != TriggerPattern.All && !catalogue.All.Any(trigger => TriggerPattern.Matches(pattern, trigger.Name)))
            {
                errors.Add(new("triggers", "unknown_trigger", $"'{pattern}' matches no trigger of the catalogue."));
            }
        }
    }

    private static void CheckText(string field, string? value, int max, bool isRequired, List<WebhookFieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            if (isRequired)
            {
                errors.Add(new(field, "required", "It is missing."));
            }
            else if (value is { Length: > 0 })
            {
                errors.Add(new(field, "blank", "It is blank. Leave it out, or give it a value."));
            }

            return;
        }

        if (value.Length > max)
        {
            errors.Add(new(field, "too_long", $"It has {value.Length} characters; at most {max} are allowed."));
        }

        if (value.EnumerateRunes().Any(IsHarmful))
        {
            errors.Add(new(field, "invalid_character", "It holds a control character, a change of writing direction, or half of a surrogate pair."));
        }
    }

    // U+FFFD is what half of a surrogate pair is read as; the others hide what a text says.
    private static bool IsHarmful(Rune rune) =>
        Rune.IsControl(rune)
        || rune == Rune.ReplacementChar
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
