using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Secrets are shown again to those alone whom a policy of its own lets in, and never without a line in the log.</summary>
public sealed class RevealTests
{
    private const string Secret = "canary-secret-0123456789";
    private static readonly (string, string) Revealer = ("X-User", "revealer");

    [Fact]
    public async Task Shows_the_secrets_that_sign_the_newest_first()
    {
        await using var host = await StartAsync();
        await CreateAsync(host);
        await host.SendAsync(HttpMethod.Post, "webhooks/1/rotate-secret", """{"secret":"another-secret"}""", TestUser.Admin);

        var revealed = await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, Revealer);

        (await Json.OfAsync(revealed)).Is($$"""{ "id": 1, "secrets": ["another-secret", "{{Secret}}"] }""");
    }

    [Fact]
    public async Task Says_in_the_log_who_saw_them_but_not_what_they_are()
    {
        await using var host = await StartAsync();
        await CreateAsync(host);

        await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, Revealer);
        await host.SendAsync(HttpMethod.Post, "webhooks/77/reveal-secrets", null, Revealer);

        var line = Assert.Single(host.Logs.Lines, line => line.Contains(" 5002 ", StringComparison.Ordinal));
        Assert.Equal(
            "Information Webhooks.Embedded.AspNetCore.Admin.WebhookRoutes 5002 The secrets of webhook 1 were shown to revealer.", line);
        Assert.DoesNotContain(host.Logs.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_is_shown_ten_a_minute_and_told_when_to_come_again()
    {
        await using var host = await StartAsync();
        await CreateAsync(host);
        for (var i = 0; i < 10; i++)
        {
            await Json.OfAsync(await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, Revealer));
        }

        var refused = await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, Revealer);

        await Json.ProblemOfAsync(refused, HttpStatusCode.TooManyRequests, "too_many_reveals");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task Who_may_manage_may_not_see_them()
    {
        await using var host = await StartAsync();
        await CreateAsync(host);

        var refused = await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, TestUser.Admin);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.DoesNotContain(Secret, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Stays_closed_where_no_policy_is_asked(bool named, bool anonymous)
    {
        await using var host = await AdminHost.StartAsync(Add, app =>
        {
            var admin = app.MapWebhookAdmin("/webhooks", options => options.RevealPolicy = named ? "Reveal" : null);
            _ = anonymous ? admin.AllowAnonymous() : admin.RequireAuthorization("Admin");
        });
        await CreateAsync(host);

        foreach (var user in new[] { TestUser.Admin, Revealer })
        {
            if (!anonymous && user != TestUser.Admin)
            {
                continue;
            }

            var problem = await Json.ProblemOfAsync(
                await host.SendAsync(HttpMethod.Post, "webhooks/1/reveal-secrets", null, user), HttpStatusCode.Forbidden, "reveal_closed");
            Assert.Contains("RevealPolicy", problem.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Stays_closed_on_a_developers_machine_that_asks_nobody()
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"), environment: "Development");
        await CreateAsync(host);

        await Json.ProblemOfAsync(await host.PostAsync("webhooks/1/reveal-secrets"), HttpStatusCode.Forbidden, "reveal_closed");
    }

    [Fact]
    public async Task Is_not_shown_to_a_page_of_another_site()
    {
        await using var host = await StartAsync();
        await CreateAsync(host);

        var response = await host.SendAsync(
            HttpMethod.Post, "webhooks/1/reveal-secrets", null, Revealer, ("Sec-Fetch-Site", "cross-site"));

        await Json.ProblemOfAsync(response, HttpStatusCode.Forbidden, "cross_site_request");
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, "webhooks/1/reveal-secrets", null, Revealer)).StatusCode);
    }

    private static Task<AdminHost> StartAsync() => AdminHost.StartAsync(Add, app =>
        app.MapWebhookAdmin("/webhooks", options =>
        {
            options.ManagePolicy = "Admin";
            options.RevealPolicy = "Reveal";
        }).RequireAuthorization());

    private static void Add(WebApplicationBuilder builder)
    {
        TestUser.Add(builder);
        builder.Services.AddAuthorizationBuilder().AddPolicy("Reveal", policy => policy.RequireUserName("revealer"));
    }

    private static async Task CreateAsync(AdminHost host) => await Json.OfAsync(
        await host.SendAsync(
            HttpMethod.Post, "webhooks", $$"""{"name":"A","url":"https://example.com/","triggers":["*"],"secret":"{{Secret}}"}""", TestUser.Admin),
        201);
}
