using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>Signs in as <c>role@tenant</c>, as the header <c>X-Caller</c> has it.</summary>
internal sealed class TestCaller(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "X-Caller";
    private const string SchemeName = "Caller";

    /// <summary>Authentication, tenants, and policies <c>Read</c>, <c>Manage</c> and <c>Reveal</c>.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhooks().UseTenants();
        builder.Services.AddAuthentication(SchemeName).AddScheme<AuthenticationSchemeOptions, TestCaller>(SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("Read", policy => policy.RequireRole("reader", "manager"))
            .AddPolicy("Manage", policy => policy.RequireRole("manager"))
            .AddPolicy("Reveal", policy => policy.RequireRole("revealer"));
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Headers.TryGetValue(Header, out var caller) || caller.ToString().Split('@') is not [var role, var tenant])
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity(
            [new(ClaimTypes.Name, $"{role} of {tenant}"), new(ClaimTypes.Role, role), new("tenant", tenant)], SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }
}
