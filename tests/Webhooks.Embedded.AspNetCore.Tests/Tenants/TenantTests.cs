using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Tests.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Tenants;

/// <summary>Two tenants and an operator call the same app.</summary>
public sealed partial class TenantTests
{
    private static readonly (string, string) Acme = ("X-Tenants", "acme");
    private static readonly (string, string) Umbrella = ("X-Tenants", "umbrella");

    [Fact]
    public async Task Another_tenants_ids_are_answered_as_if_they_did_not_exist()
    {
        await using var host = await StartAsync();
        var webhook = await host.CreateOfAsync(Acme);
        var published = await Json.OfAsync(
            await host.SendAsync(HttpMethod.Post, "events", """{"trigger":"order.paid","payload":{"total":12}}""", Acme), 202);
        var (eventId, unknownEvent) = (published.Text("id"), Guid.CreateVersion7().ToString());
        Assert.Equal(1, webhook.Number("id"));
        var before = await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks/1", null, Acme));

        // Secrets stay closed to everybody where everybody is let in; AuthorizationMatrixTests has their route where a policy opens it.
        var withIds = Routes.All.Where(route => Id().IsMatch(route.Path) && !route.Path.EndsWith("/reveal-secrets", StringComparison.Ordinal));
        foreach (var (method, path, body) in withIds)
        {
            var theirs = path.StartsWith("events", StringComparison.Ordinal) ? Id().Replace(path, "/" + eventId) : path;
            var nobodys = path.StartsWith("events", StringComparison.Ordinal) ? Id().Replace(path, "/" + unknownEvent) : Id().Replace(path, "/987654");

            using var answer = await host.SendAsync(method, theirs, body, Umbrella);
            using var expected = await host.SendAsync(method, nobodys, body, Umbrella);

            Assert.Equal(HttpStatusCode.NotFound, expected.StatusCode);
            Assert.Equal((expected.StatusCode, await TextAsync(expected)), (answer.StatusCode, await TextAsync(answer)));
        }

        // Nothing of it had an effect.
        var after = await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks/1", null, Acme));
        Assert.Equal(before.Node!.ToJsonString(), after.Node!.ToJsonString());
    }

    [Fact]
    public async Task Another_tenants_uuid_is_not_found_either()
    {
        await using var host = await StartAsync();
        var webhook = await host.CreateOfAsync(Acme);

        using var own = await host.SendAsync(HttpMethod.Get, $"webhooks/{webhook.Text("uid")}", null, Acme);
        using var other = await host.SendAsync(HttpMethod.Get, $"webhooks/{webhook.Text("uid")}", null, Umbrella);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (own.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task Batches_leave_what_is_anothers_as_not_found()
    {
        await using var host = await StartAsync();
        await host.CreateOfAsync(Acme);
        await host.SendAsync(HttpMethod.Post, "events", """{"trigger":"order.paid","payload":{}}""", Acme);

        var retried = await Json.OfAsync(await host.SendAsync(HttpMethod.Post, "deliveries/retry", """{"ids":[1,2]}""", Umbrella));

        Assert.All(retried.Node!["items"]!.AsArray(), item => Assert.Equal("not_found", item!["result"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Lists_show_a_tenants_own()
    {
        await using var host = await StartAsync();
        await host.CreateOfAsync(Acme);
        await host.SendAsync(HttpMethod.Post, "events", """{"trigger":"order.paid","payload":{}}""", Acme);

        foreach (var list in new[] { "webhooks", "events", "deliveries" })
        {
            var own = await Json.OfAsync(await host.SendAsync(HttpMethod.Get, list, null, Acme));
            var others = await Json.OfAsync(await host.SendAsync(HttpMethod.Get, list, null, Umbrella));
            Assert.Single(own.Node!["items"]!.AsArray());
            Assert.Empty(others.Node!["items"]!.AsArray());
        }
    }

    [Fact]
    public async Task A_tenant_is_not_taken_from_bodies_and_queries()
    {
        await using var host = await StartAsync();

        await (await host.SendAsync(
            HttpMethod.Post, "webhooks", """{"tenant":"umbrella","name":"a","url":"https://example.com/","triggers":["*"]}""", Acme)).AssertFieldAsync("tenant");
        await (await host.SendAsync(
            HttpMethod.Post, "events", """{"tenant":"umbrella","trigger":"order.paid","payload":{}}""", Acme)).AssertFieldAsync("tenant");
        foreach (var list in new[] { "webhooks", "events", "deliveries" })
        {
            await (await host.SendAsync(HttpMethod.Get, $"{list}?tenant=umbrella", null, Acme)).AssertFieldAsync("tenant");
        }

        using var empty = await host.SendAsync(HttpMethod.Get, "webhooks?tenant=acme", null, Acme);
        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("acme,umbrella")]
    public async Task Who_has_no_tenant_or_several_is_refused(string? tenants)
    {
        await using var host = await StartAsync();

        using var answer = tenants is null ? await host.GetAsync("webhooks") : await host.SendAsync(HttpMethod.Get, "webhooks", null, ("X-Tenants", tenants));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("no_tenant", await TextAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operators_see_all_tenants_where_the_app_says_so()
    {
        await using var host = await StartAsync(app =>
        {
            app.MapWebhookAdmin("/webhooks").AllowAnonymous();
            app.MapWebhookAdmin("/operators", options => options.AllTenants = true).AllowAnonymous();
        });
        await host.CreateOfAsync(Acme);
        await host.CreateOfAsync(Umbrella);

        var all = await Json.OfAsync(await host.GetAsync("/operators/api/webhooks"));
        var one = await Json.OfAsync(await host.GetAsync("/operators/api/webhooks?tenant=umbrella"));

        Assert.Equal(["acme", "umbrella"], all.Node!["items"]!.AsArray().Select(item => item!["tenant"]!.GetValue<string>()));
        Assert.Equal(["umbrella"], one.Node!["items"]!.AsArray().Select(item => item!["tenant"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_app_may_find_the_tenant_in_its_own_way()
    {
        await using var host = await StartAsync(tenants: options => options.Resolve = http => http.Request.Headers["X-Org"]);

        using var created = await host.SendAsync(
            HttpMethod.Post, "webhooks", """{"name":"a","url":"https://example.com/","triggers":["*"]}""", ("X-Org", "initech"));
        using var refused = await host.GetAsync("webhooks");

        Assert.Equal("initech", (await Json.OfAsync(created, 201)).Text("tenant"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    /// <summary>Tenants are on. The header <c>X-Tenants</c> says which ones a caller may act for.</summary>
    private static Task<AdminHost> StartAsync(Action<WebApplication>? map = null, Action<WebhookTenantOptions>? tenants = null) => AdminHost.StartAsync(
        build: builder => builder.Services.AddWebhooks().UseTenants(tenants ?? (_ => { })),
        map: app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Headers.TryGetValue("X-Tenants", out var named))
                {
                    var claims = named.ToString().Split(',').Select(tenant => new Claim("tenant", tenant));
                    context.User = new ClaimsPrincipal(new ClaimsIdentity(claims, "test"));
                }

                return next(context);
            });
            (map ?? (routes => routes.MapWebhookAdmin("/webhooks").AllowAnonymous()))(app);
        });

    private static Task<string> TextAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    [GeneratedRegex("/(1|[0-9a-f-]{36})(?=/|$)")]
    private static partial Regex Id();
}

internal static class TenantCalls
{
    public static async Task<Json> CreateOfAsync(this AdminHost host, (string, string) tenant) => await Json.OfAsync(
        await host.SendAsync(HttpMethod.Post, "webhooks", """{"name":"a","url":"https://example.com/","triggers":["order.*"]}""", tenant), 201);

    /// <summary>The request was refused for this field.</summary>
    public static async Task AssertFieldAsync(this HttpResponseMessage response, string field)
    {
        var problem = await Json.OfAsync(response, 400, "application/problem+json");
        Assert.Equal([field], problem.Node!["errors"]!.AsObject().Select(error => error.Key));
    }
}
