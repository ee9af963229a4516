using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class ClosedByDefaultTests
{
    [Fact]
    public async Task Every_route_is_closed_in_production()
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"));

        foreach (var (method, path, body) in Routes.All)
        {
            var problem = await Json.ProblemOfAsync(
                await host.SendAsync(method, path, body), HttpStatusCode.Forbidden, "closed_by_default");
            Assert.Contains(".RequireAuthorization(", problem.Text("detail"), StringComparison.Ordinal);
            Assert.Contains(".AllowAnonymous()", problem.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_registered_route_is_closed_in_production()
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"));
        var registered = Routes.Registered(host.Services.GetRequiredService<EndpointDataSource>());

        // What is tried below is all there is: a new route must be added to the list.
        Assert.Equal(
            Routes.All.Select(route => $"{route.Method} /webhooks/api/{Routes.Pattern(route.Path)}")
                .Append("* /webhooks/api/{**path}")
                .Order(StringComparer.Ordinal),
            registered.Order(StringComparer.Ordinal));
        foreach (var route in registered)
        {
            var (method, pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
            var path = pattern.Replace("{id}", "1", StringComparison.Ordinal).Replace("{name}", "a", StringComparison.Ordinal).Replace("{**path}", "nowhere", StringComparison.Ordinal);
            var response = await host.SendAsync(new HttpMethod(method == "*" ? "PUT" : method), path);
            await Json.ProblemOfAsync(response, HttpStatusCode.Forbidden, "closed_by_default");
        }
    }

    [Fact]
    public async Task The_fix_is_logged_once()
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"));

        await host.GetAsync("webhooks");
        await host.GetAsync("events");

        var line = Assert.Single(host.Logs.Lines, line => line.Contains("RequireAuthorization", StringComparison.Ordinal));
        Assert.StartsWith(
            "Warning Webhooks.Embedded.AspNetCore.ClosedByDefault 5001 Refused GET /webhooks/api/webhooks", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_developer_gets_in_from_the_same_machine()
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"), environment: "Development");

        await Json.OfAsync(await host.GetAsync("webhooks"));
        Assert.Equal("Orders", (await host.CreateWebhookAsync()).Text("name"));
    }

    [Theory]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("x-original-for", "203.0.113.7")]
    [InlineData("X-Real-IP", "203.0.113.7")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Host", "rebound.example.com")]
    public async Task A_developers_machine_behind_a_proxy_or_a_foreign_name_is_closed(string header, string value)
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks"), environment: "Development");

        await Json.ProblemOfAsync(
            await host.SendAsync(HttpMethod.Get, "webhooks", null, (header, value)), HttpStatusCode.Forbidden, "closed_by_default");
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("::1", "[::1]:5080", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1:5080", true)]
    [InlineData("127.0.0.1", "app.localhost", true)]
    [InlineData("127.0.0.1", "localhost.example.com", false)]
    [InlineData("10.0.0.1", "localhost", false)]
    [InlineData("::ffff:10.0.0.1", "localhost", false)]
    [InlineData(null, "localhost", false)]
    public void Knows_a_caller_on_the_same_machine(string? address, string hostName, bool expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        context.Request.Host = new HostString(hostName);

        Assert.Equal(expected, ClosedByDefault.IsOwnMachine(context));
    }

    [Fact]
    public async Task Authorization_added_to_the_returned_group_decides()
    {
        await using var host = await AdminHost.StartAsync(
            TestUser.Add, app => app.MapWebhookAdmin("/webhooks").RequireAuthorization("Admin"));

        foreach (var (method, path, body) in Routes.All)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(method, path, body)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(method, path, body, TestUser.Somebody)).StatusCode);
        }

        await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks", null, TestUser.Admin));
    }

    [Fact]
    public async Task Authorization_of_a_group_around_it_decides()
    {
        await using var host = await AdminHost.StartAsync(
            TestUser.Add, app => app.MapGroup("/webhooks").RequireAuthorization("Admin").MapWebhookAdmin("/"));

        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "webhooks", null, TestUser.Somebody)).StatusCode);
        await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks", null, TestUser.Admin));
    }

    [Fact]
    public async Task A_policy_object_decides()
    {
        var policy = new AuthorizationPolicyBuilder().RequireUserName("admin").Build();
        await using var host = await AdminHost.StartAsync(
            TestUser.Add, app => app.MapWebhookAdmin("/webhooks").RequireAuthorization(policy));

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("webhooks")).StatusCode);
        await Json.OfAsync(await host.SendAsync(HttpMethod.Get, "webhooks", null, TestUser.Admin));
    }

    [Fact]
    public async Task Allowing_anonymous_callers_opens_it_past_a_fallback_policy()
    {
        await using var host = await AdminHost.StartAsync(TestUser.Add, app => app.MapWebhookAdmin("/webhooks").AllowAnonymous());

        await Json.OfAsync(await host.GetAsync("webhooks"));
    }

    [Fact]
    public async Task A_fallback_policy_does_not_open_it()
    {
        await using var host = await AdminHost.StartAsync(TestUser.Add, app => app.MapWebhookAdmin("/webhooks"));

        await Json.ProblemOfAsync(await host.GetAsync("webhooks"), HttpStatusCode.Forbidden, "closed_by_default");
        await Json.ProblemOfAsync(
            await host.SendAsync(HttpMethod.Get, "webhooks", null, TestUser.Admin), HttpStatusCode.Forbidden, "closed_by_default");
    }

    [Fact]
    public async Task A_fallback_policy_does_not_keep_a_developer_out()
    {
        await using var host = await AdminHost.StartAsync(TestUser.Add, app => app.MapWebhookAdmin("/webhooks"), "Development");

        await Json.OfAsync(await host.GetAsync("webhooks"));
    }

    [Fact]
    public async Task A_host_without_authorization_is_told_so_by_the_framework()
    {
        // Metadata without the middleware must never mean open.
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin("/webhooks").RequireAuthorization());

        Assert.Equal(HttpStatusCode.InternalServerError, (await host.GetAsync("webhooks")).StatusCode);
    }

    [Fact]
    public async Task Other_routes_of_the_host_are_left_alone()
    {
        await using var host = await AdminHost.StartAsync(map: app =>
        {
            app.MapGet("/other", () => "mine");
            app.MapWebhookAdmin("/webhooks");
        });

        Assert.Equal("mine", await host.Client.GetStringAsync("/other"));
    }

    [Fact]
    public async Task Created_by_is_whoever_is_signed_in()
    {
        await using var host = await AdminHost.StartAsync(
            TestUser.Add, app => app.MapWebhookAdmin("/webhooks").RequireAuthorization("Admin"));

        var created = await Json.OfAsync(
            await host.SendAsync(
                HttpMethod.Post, "webhooks", """{"name":"A","url":"https://example.com/","triggers":["*"]}""", TestUser.Admin), 201);

        Assert.Equal("admin", created.Text("createdBy"));
    }
}
