using Microsoft.AspNetCore.Authentication;
using Webhooks.Embedded.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the API-key authentication.</summary>
public static class WebhookApiKeyAuthenticationBuilderExtensions
{
    /// <summary>
    /// Authenticates callers by a key in <c>Authorization: Bearer …</c> or <c>Authorization: AccessKey …</c>, under the scheme
    /// <see cref="WebhookApiKeyDefaults.AuthenticationScheme"/>. Others get 401, with an empty body or with
    /// that of the vendor-shaped API that they called.
    /// </summary>
    /// <param name="builder">What <c>AddAuthentication</c> returns.</param>
    /// <param name="configure">Sets <see cref="WebhookApiKeyOptions.Keys"/>. An app without a key does not start.</param>
    public static AuthenticationBuilder AddWebhookApiKey(this AuthenticationBuilder builder, Action<WebhookApiKeyOptions> configure) =>
        builder.AddWebhookApiKey(WebhookApiKeyDefaults.AuthenticationScheme, configure);

    /// <inheritdoc cref="AddWebhookApiKey(AuthenticationBuilder, Action{WebhookApiKeyOptions})"/>
    /// <param name="builder">What <c>AddAuthentication</c> returns.</param>
    /// <param name="authenticationScheme">The scheme's name.</param>
    /// <param name="configure">Sets <see cref="WebhookApiKeyOptions.Keys"/>. An app without a key does not start.</param>
    public static AuthenticationBuilder AddWebhookApiKey(
        this AuthenticationBuilder builder, string authenticationScheme, Action<WebhookApiKeyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(authenticationScheme);
        ArgumentNullException.ThrowIfNull(configure);

        builder.Services.AddOptions<WebhookApiKeyOptions>(authenticationScheme)
            .Validate(
                options => options.Keys is { Count: > 0 },
                $"The scheme '{authenticationScheme}' has no API key. Add one: AddWebhookApiKey(options => options.Keys.Add(\"…\")).")
            .Validate(
                options => options.Keys?.All(WebhookApiKey.IsUsable) != false,
                $"The scheme '{authenticationScheme}' has an API key that is blank or holds spaces, which no client can send.")
            .ValidateOnStart();
        return builder.AddScheme<WebhookApiKeyOptions, WebhookApiKeyHandler>(authenticationScheme, configure);
    }
}
