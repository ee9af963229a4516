using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Authentication;

/// <summary>Lets in who shows a configured key as <c>Authorization: Bearer …</c> or <c>Authorization: AccessKey …</c>.</summary>
internal sealed class WebhookApiKeyHandler(IOptionsMonitor<WebhookApiKeyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<WebhookApiKeyOptions>(options, logger, encoder)
{
    /// <summary>Who a caller with a key is. Keys are not told apart, since a name derived from one would outlive its rotation.</summary>
    internal const string Name = "api-key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!WebhookApiKey.TryRead(Request.Headers.Authorization, out var key))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (!WebhookApiKey.IsKnown(key, Options.Keys))
        {
            return Task.FromResult(AuthenticateResult.Fail("The API key is not known."));
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, Name, ClaimValueTypes.String, ClaimsIssuer)], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = WebhookApiKey.Schemes.ToArray();
        Response.Headers.CacheControl = "no-store";
        return RefusalShape.TryRefuseAsync(Context, StatusCodes.Status401Unauthorized, static shape => shape.NotAuthenticated);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return RefusalShape.TryRefuseAsync(Context, StatusCodes.Status403Forbidden, static shape => shape.NotAuthorized);
    }
}
