using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Signs in whoever the header <c>X-User</c> names.</summary>
internal sealed class TestUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string SchemeName = "Test";

    public static (string Name, string Value) Admin { get; } = ("X-User", "admin");

    public static (string Name, string Value) Somebody { get; } = ("X-User", "somebody");

    /// <summary>Authentication, a policy <c>Admin</c>, and a fallback policy that wants somebody signed in.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication(SchemeName).AddScheme<AuthenticationSchemeOptions, TestUser>(SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("Admin", policy => policy.RequireUserName("admin"))
            .SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Headers.TryGetValue("X-User", out var name))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name!)], SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }
}
