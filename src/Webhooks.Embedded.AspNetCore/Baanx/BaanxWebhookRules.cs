using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>From what clients send to a webhook's settings, with what this API asks beside what the registry asks of every webhook.</summary>
internal sealed class BaanxWebhookRules(BaanxWebhooksOptions options)
{
    private const string Profile = "baanx";

    /// <summary>The settings of a new webhook. It is not active unless the client says so.</summary>
    /// <exception cref="WebhookValidationException">A value is not valid.</exception>
    public WebhookSettings ForCreate(BaanxWebhookBody body, string? createdBy)
    {
        Check(body);
        return Apply(
            body,
            new WebhookSettings
            {
                Enabled = false,
                SignatureProfile = Profile,
                Timeout = options.Timeout,
                RetryDelays = options.RetryDelays,
                Secret = BaanxApiKey.New(),
                CreatedBy = createdBy,
            });
    }

    /// <summary>The settings of a webhook after a change.</summary>
    /// <exception cref="WebhookValidationException">A value is not valid.</exception>
    public WebhookSettings ForChange(BaanxWebhookBody body, Webhook current)
    {
        Check(body);
        return Apply(body, current.ToSettings());
    }

    private static WebhookSettings Apply(BaanxWebhookBody body, WebhookSettings settings) => settings with
    {
        Name = body.Name ?? settings.Name,
        Url = body.Url ?? settings.Url,

        // The serializer lets null pass inside lists; as an empty pattern it is refused with the others.
        Triggers = body.EventTypes is { } types ? [.. types.Select(type => type ?? "")] : settings.Triggers,
        Enabled = body.IsActive ?? settings.Enabled,
        Metadata = body.Metadata.ValueKind switch
        {
            JsonValueKind.Undefined => settings.Metadata,
            JsonValueKind.Object => body.Metadata.GetRawText(),
            _ => null,
        },
    };

    private void Check(BaanxWebhookBody body)
    {
        var errors = new List<WebhookFieldError>();
        if (!options.AllowHttp && body.Url?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) == true)
        {
            errors.Add(new("url", "https_required", "It must start with https://."));
        }

        if (body.Metadata.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
        {
            errors.Add(new("metadata", "wrong_type", "Must be an object."));
        }

        if (errors.Count > 0)
        {
            throw new WebhookValidationException(errors);
        }
    }
}
