using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore.Tests.Tenants;

public sealed class PortalTests
{
    [Theory]
    [InlineData("acme", "acme.example.com", 200)]
    [InlineData("umbrella,acme", "acme.example.com", 200)]
    [InlineData("ACME.example.com", "acme.example.com", 200)]
    [InlineData("umbrella", "acme.example.com", 403)]
    [InlineData("acme", "example.com", 403)]
    [InlineData(null, "acme.example.com", 403)]
    public async Task A_portal_is_named_by_its_host_and_the_caller_must_be_one_of_it(string? tenants, string host, int status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        var file = Path.Combine(Path.GetTempPath(), $"webhooks-portal-{Guid.NewGuid():N}.db");
        builder.Services.AddWebhooks().UseSqlite($"Data Source={file}").WithoutDispatcher().AddTrigger("order.paid", number: 0).UseTenants();
        await using var app = builder.Build();
        app.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity(tenants?.Split(',').Select(tenant => new Claim("tenant", tenant)), "test"));
            return next(context);
        });
        app.MapDocSpaceWebhooks("/api/2.0/settings").AllowAnonymous();
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var client = app.GetTestClient();
        using var answer = await client.GetAsync($"http://{host}/api/2.0/settings/webhook", TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        await app.StopAsync(TestContext.Current.CancellationToken);
        foreach (var left in Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(file) + "*"))
        {
            File.Delete(left);
        }
    }
}
