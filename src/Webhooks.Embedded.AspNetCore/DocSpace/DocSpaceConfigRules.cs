namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>
/// What this API asks of a webhook, beside what the registry asks of every one, under the names that its clients know. Its limits are
/// tighter than the registry's where DocSpace's are.
/// </summary>
internal static class DocSpaceConfigRules
{
    public const int MaxNameLength = 50;
    public const int MinSecretLength = 8;
    public const int MaxSecretLength = 50;
    public const int MaxTargetLength = 255;

    // Receivers of DocSpace's webhooks verify its own signature; that of Standard Webhooks is sent as well.
    private const string SignatureProfile = "docspace";

    /// <summary>The settings of a new webhook.</summary>
    /// <exception cref="WebhookValidationException">A value is missing or not valid; every one is listed.</exception>
    public static WebhookSettings ForCreate(DocSpaceConfigBody body, DocSpaceTriggers triggers, string? createdBy)
    {
        var errors = new List<WebhookFieldError>();
        if (string.IsNullOrEmpty(body.SecretKey))
        {
            errors.Add(new("secretKey", "required", "A secretKey is required."));
        }

        return Settings(new WebhookSettings { CreatedBy = createdBy, SignatureProfile = SignatureProfile }, body, triggers, currentTriggers: null, errors);
    }

    /// <summary>The settings of a webhook after a change. No secret keeps the one it has.</summary>
    /// <exception cref="WebhookValidationException">A value is missing or not valid; every one is listed.</exception>
    public static WebhookSettings ForChange(DocSpaceConfigBody body, DocSpaceTriggers triggers, Webhook current) =>
        Settings(current.ToSettings(), body, triggers, current.Triggers, []);

    private static WebhookSettings Settings(
        WebhookSettings settings,
        DocSpaceConfigBody body,
        DocSpaceTriggers triggers,
        IReadOnlyList<string>? currentTriggers,
        List<WebhookFieldError> errors)
    {
        CheckLengths(body, errors);
        if (body.Ssl == true && Uri.TryCreate(body.Uri, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp)
        {
            errors.Add(new("ssl", "https_required", "HTTPS is required: with ssl the uri must start with https://."));
        }

        if (!triggers.TryRead(body.Triggers, currentTriggers, out var patterns, out var fault))
        {
            errors.Add(new("triggers", "invalid", fault));
        }

        return errors.Count > 0 ? throw new WebhookValidationException(errors) : settings with
        {
            Name = body.Name!,
            Url = body.Uri!,
            Triggers = patterns!,
            Target = string.IsNullOrEmpty(body.TargetId) ? null : body.TargetId,
            Enabled = body.Enabled ?? false,
            VerifyTls = body.Ssl ?? false,
            Secret = string.IsNullOrEmpty(body.SecretKey) ? null : body.SecretKey,
        };
    }

    private static void CheckLengths(DocSpaceConfigBody body, List<WebhookFieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(body.Name))
        {
            errors.Add(new("name", "required", "A name is required."));
        }
        else if (body.Name.Length > MaxNameLength)
        {
            errors.Add(new("name", "too_long", $"A name has at most {MaxNameLength} characters."));
        }

        if (string.IsNullOrWhiteSpace(body.Uri))
        {
            errors.Add(new("uri", "required", "A uri is required."));
        }

        if (!string.IsNullOrEmpty(body.SecretKey) && !IsSecret(body.SecretKey))
        {
            errors.Add(new(
                "secretKey",
                "invalid",
                $"A secretKey has {MinSecretLength} to {MaxSecretLength} characters, only printable ASCII without spaces."));
        }

        if (body.TargetId?.Length > MaxTargetLength)
        {
            errors.Add(new("targetId", "too_long", $"A targetId has at most {MaxTargetLength} characters."));
        }
    }

    private static bool IsSecret(string secret) =>
        secret.Length is >= MinSecretLength and <= MaxSecretLength && !secret.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e');
}
