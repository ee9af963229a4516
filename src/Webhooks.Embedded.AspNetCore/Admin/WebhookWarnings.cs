using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>What people should know of a webhook's settings, by the app's options of this moment.</summary>
internal sealed class WebhookWarnings(bool allowsUnverifiedTls)
{
    private static readonly WarningMember Unencrypted = new()
    {
        Code = "http_unencrypted",
        Text = "The URL is http: everybody on the way can read and change what is sent.",
    };

    private static readonly WarningMember NotVerified = new()
    {
        Code = "tls_not_verified",
        Text = "The receiver's certificate is not verified: whoever is on the way can read what is sent and answer in its place.",
    };

    private static readonly WarningMember VerifiedAnyway = new()
    {
        Code = "tls_verified_anyway",
        Text = "The webhook asks for the receiver's certificate not to be verified, which the app does not allow: it is verified.",
    };

    public static WebhookWarnings In(HttpContext context)
    {
        try
        {
            var options = context.RequestServices.GetRequiredService<IOptionsMonitor<WebhooksOptions>>().CurrentValue;
            return new WebhookWarnings(options.Egress.AllowUnverifiedTls);
        }
        catch (OptionsValidationException)
        {
            // A slip in a configuration file, which the library has logged. Of the two, the warning that is worse to miss.
            return new WebhookWarnings(allowsUnverifiedTls: true);
        }
    }

    public IReadOnlyList<WarningMember> Of(Webhook webhook) => webhook switch
    {
        _ when webhook.Url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) => [Unencrypted],
        { VerifyTls: false } => [allowsUnverifiedTls ? NotVerified : VerifiedAnyway],
        _ => [],
    };
}

/// <summary>Something that people should know of a webhook.</summary>
internal sealed record WarningMember
{
    /// <summary><c>http_unencrypted</c>, <c>tls_not_verified</c> or <c>tls_verified_anyway</c>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }
}
