using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>From what clients send to a webhook's settings, with what this API asks beside what the registry asks of every webhook.</summary>
internal sealed partial class BirdWebhookRules(BirdWebhooksOptions options)
{
    private const string Profile = "bird";
    private const int KeyBytes = 32;
    private const int MaxUrlLength = 2048;
    private const int MaxTemplateLength = 255;

    // The sample of Bird's log: 36 attempts in a little more than 8 hours.
    private static readonly TimeSpan[] Schedule =
        [.. Enumerable.Range(0, 35).Select(retry => TimeSpan.FromSeconds(double.Min(double.Round(10 * double.Pow(1.5, retry)), 19 * 60)))];

    /// <summary>The settings of a new webhook. Without a signing key it gets one; it is active unless the client says otherwise.</summary>
    /// <exception cref="WebhookValidationException">A value is missing or not valid; every one is listed.</exception>
    public WebhookSettings ForCreate(BirdWebhookBody body, string? createdBy)
    {
        var errors = Faults(body);
        Require("service", body.Service, errors);
        Require("event", body.Event, errors);
        Require("url", body.Url, errors);
        ThrowIfAny(errors);
        var settings = Apply(body, new WebhookSettings { SignatureProfile = Profile, RetryDelays = options.RetryDelays ?? Schedule, CreatedBy = createdBy });
        return settings with { Secret = body.SigningKey ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) };
    }

    /// <summary>The settings of a webhook after a change. Without a signing key it keeps the one it has.</summary>
    /// <exception cref="WebhookValidationException">A value is not valid; every one is listed.</exception>
    public WebhookSettings ForChange(BirdWebhookBody body, Webhook current)
    {
        ThrowIfAny(Faults(body));
        return Apply(body, current.ToSettings()) with { Secret = body.SigningKey };
    }

    /// <summary>Service, event and filters: there may be only so many subscriptions that are alike in these.</summary>
    public static (string? Service, string Event, string Filters) Combination(
        string? metadata, IReadOnlyList<string> triggers, IReadOnlyList<WebhookFilter> filters) =>
        (
            BirdMetadata.Read(metadata).Service,
            string.Join(',', triggers),
            string.Join('\n', filters.Select(filter => $"{filter.Path}\t{filter.Value}").Order(StringComparer.Ordinal)));

    private static WebhookSettings Apply(BirdWebhookBody body, WebhookSettings settings)
    {
        var (service, template) = BirdMetadata.Read(settings.Metadata);
        template = body.HasTemplate ? body.Template : template;
        return settings with
        {
            // Bird's subscriptions have no name: people find them by their event and url.
            Name = settings.Name.Length > 0 ? settings.Name : $"Bird {body.Event}",
            Triggers = body.Event is { } trigger ? [trigger] : settings.Triggers,
            Filters = body.HasEventFilters
                ? [.. (body.EventFilters ?? []).Select(filter => new WebhookFilter(filter!.Key!, filter.Value!))]
                : settings.Filters,
            Metadata = BirdMetadata.Write(settings.Metadata, body.Service ?? service, template),
            Url = body.Url ?? settings.Url,
            Enabled = body.Status is { } status ? status == BirdStatus.Active : settings.Enabled,
        };
    }

    private List<WebhookFieldError> Faults(BirdWebhookBody body)
    {
        var errors = new List<WebhookFieldError>();
        Check(body.Service is null || options.Services.Contains(body.Service), "service", $"It must be one of {string.Join(", ", options.Services)}.");
        Check(body.Status is null or BirdStatus.Active or BirdStatus.Inactive, "status", "It must be active or inactive.");
        Check(
            body.EventFilters?.All(filter => filter is { Key.Length: > 0, Value: not null }) != false,
            "eventFilters",
            "Each must have a key and a value, both strings.");
        Check(body.Template is null or { Length: <= MaxTemplateLength }, "template", $"It has at most {MaxTemplateLength} characters.");
        Check(
            options.AllowAnyUrl || body.Url is null || (body.Url.Length <= MaxUrlLength && UrlPattern().IsMatch(body.Url)),
            "url",
            "It must be https:// with the name of a host and a path, without a port, such as https://example.com/webhooks.");
        return errors;

        void Check(bool isFine, string field, string message)
        {
            if (!isFine)
            {
                errors.Add(new(field, "invalid", message));
            }
        }
    }

    private static void Require(string field, string? value, List<WebhookFieldError> errors)
    {
        if (value is null)
        {
            errors.Add(new(field, "required", "It is missing."));
        }
    }

    private static void ThrowIfAny(List<WebhookFieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw new WebhookValidationException(errors);
        }
    }

    // Bird's own, but for its end, which must not be before a line break.
    [GeneratedRegex(@"^https://([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,}(/[^\s]*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex UrlPattern();
}
