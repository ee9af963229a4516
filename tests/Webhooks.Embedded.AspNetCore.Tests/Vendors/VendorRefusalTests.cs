using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Vendors;

/// <summary>What holds for every route of both APIs.</summary>
public sealed class VendorRefusalTests
{
    [Fact]
    public async Task Who_shows_no_key_gets_401_in_the_words_of_the_API()
    {
        await using var host = await VendorHost.StartAsync();
        host.Client.DefaultRequestHeaders.Authorization = null;

        await EveryRouteAnswersAsync(host, 401, "Not authenticated", "Unauthorized");
        using var response = await host.SendRawAsync(HttpMethod.Get, VendorHost.Baanx, content: null);
        Assert.Equal(["Bearer", "AccessKey"], response.Headers.WwwAuthenticate.Select(value => value.Scheme));
    }

    [Fact]
    public async Task Who_may_not_gets_403_in_the_words_of_the_API()
    {
        await using var host = await VendorHost.StartAsync(app =>
        {
            app.MapBaanxWebhooks(VendorHost.Baanx).RequireAuthorization("Nobody");
            app.MapBirdWebhooks().RequireAuthorization("Nobody");
        });

        await EveryRouteAnswersAsync(host, 403, "Not authorized", "Forbidden");
    }

    [Fact]
    public async Task Without_authorization_every_route_is_closed()
    {
        await using var host = await VendorHost.StartAsync(app =>
        {
            app.MapBaanxWebhooks(VendorHost.Baanx);
            app.MapBirdWebhooks();
        });

        await EveryRouteAnswersAsync(host, 403, message: null, "Forbidden");
        var (_, body) = await host.SendAsync(HttpMethod.Get, VendorHost.Baanx);
        Assert.Contains(".RequireAuthorization(", body["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_tenants_a_caller_without_one_is_refused_everywhere()
    {
        await using var host = await VendorHost.StartWithTenantsAsync();

        await EveryRouteAnswersAsync(host, 403, "Not authorized", "Forbidden");
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Origin", "https://evil.example.com")]
    public async Task Pages_of_other_sites_change_nothing(string header, string value)
    {
        await using var host = await VendorHost.StartAsync();
        foreach (var (method, path, json) in VendorRoutes.Baanx.Concat(VendorRoutes.Bird).Where(route => route.Method != HttpMethod.Get))
        {
            Assert.Equal(403, (await host.SendAsync(method, path, json, (header, value))).Status);
        }

        Assert.Empty((await host.Registry.ListAsync(new WebhookQuery())).Items);
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json", 201)]
    public async Task Bodies_are_JSON_and_say_so(string contentType, int status)
    {
        await using var host = await VendorHost.StartAsync();
        foreach (var (method, path, json) in VendorRoutes.Baanx.Concat(VendorRoutes.Bird).Where(route => route.Method == HttpMethod.Post && route.Body is not null))
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json!));
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            using var response = await host.SendRawAsync(method, path, content);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Paths_that_are_none_and_methods_that_are_not_taken_are_answered_in_JSON()
    {
        await using var host = await VendorHost.StartAsync();
        foreach (var path in new[] { "/events/x", "/a/b/c/d", "//logs" })
        {
            var (status, body) = await host.SendAsync(HttpMethod.Get, VendorHost.Baanx + path);
            Assert.Equal((404, true), (status, body["message"] is not null));
            (status, body) = await host.SendAsync(HttpMethod.Get, VendorHost.Bird + path);
            Assert.Equal((404, "NotFound"), (status, body["code"]!.GetValue<string>()));
        }

        Assert.Equal(404, (await host.SendAsync(HttpMethod.Patch, VendorHost.Baanx, "{}")).Status);
        Assert.Equal(404, (await host.SendAsync(HttpMethod.Put, VendorHost.Bird, "{}")).Status);
    }

    [Fact]
    public async Task Every_route_is_described_and_names_stay_unique()
    {
        await using var host = await VendorHost.StartAsync(app =>
        {
            app.MapBaanxWebhooks(VendorHost.Baanx).RequireAuthorization();
            app.MapBaanxWebhooks("/again").RequireAuthorization();
            app.MapBirdWebhooks().RequireAuthorization();
            app.MapBirdWebhooks("/again").RequireAuthorization();
        });
        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        var described = routes.Where(route => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null).ToArray();

        // What is tried in these tests is all there is: a new route must be added to the list.
        Assert.Equal(
            VendorRoutes.Baanx.Concat(VendorRoutes.Bird).Select(route => $"{route.Method} {Pattern(route.Path)}").Order(StringComparer.Ordinal),
            described.Where(route => !route.RoutePattern.RawText!.StartsWith("/again", StringComparison.Ordinal))
                .Select(route => $"{route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single()} {Pattern("/" + route.RoutePattern.RawText!.TrimStart('/').TrimEnd('/'))}")
                .Order(StringComparer.Ordinal));
        Assert.All(described, route =>
        {
            Assert.NotEmpty(route.Metadata.GetMetadata<IEndpointSummaryMetadata>()!.Summary);
            Assert.Contains(route.Metadata.OfType<IProducesResponseTypeMetadata>(), answer => answer.StatusCode is >= 200 and < 300);
            Assert.Contains(route.Metadata.OfType<IProducesResponseTypeMetadata>(), answer => answer.StatusCode == 401);
        });
        var names = described.Select(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    private static string Pattern(string path) => Regex.Replace(
        path.Split('?')[0],
        @"(?<=/)(\{\w+\}|[0-9a-f]{8}-[0-9a-f-]{27})",
        "{id}");

    private static async Task EveryRouteAnswersAsync(VendorHost host, int expected, string? message, string code)
    {
        foreach (var (method, path, json) in VendorRoutes.Baanx)
        {
            var (status, body) = await host.SendAsync(method, path, json);
            Assert.True(expected == status, $"{method} {path}: {status}");
            Assert.Equal(["message"], body.AsObject().Select(member => member.Key));
            Assert.Equal(message ?? body["message"]!.GetValue<string>(), body["message"]!.GetValue<string>());
        }

        foreach (var (method, path, json) in VendorRoutes.Bird)
        {
            var (status, body) = await host.SendAsync(method, path, json);
            Assert.True(expected == status, $"{method} {path}: {status}");
            Assert.Equal(["code", "message"], body.AsObject().Select(member => member.Key));
            Assert.Equal(code, body["code"]!.GetValue<string>());
            Assert.Equal(message ?? body["message"]!.GetValue<string>(), body["message"]!.GetValue<string>());
        }
    }
}
