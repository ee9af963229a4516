using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Whatever the host has chosen, the API stays the same.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Json_options_of_the_host_change_nothing()
    {
        await using var plain = await AdminHost.StartAsync();
        await using var host = await AdminHost.StartAsync(builder =>
        {
            builder.Services.AddProblemDetails(
                options => options.CustomizeProblemDetails = context => context.ProblemDetails.Title = "mine");
            builder.Services.ConfigureHttpJsonOptions(options =>
            {
                options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper;
                options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
                options.SerializerOptions.NumberHandling = JsonNumberHandling.WriteAsString;
                options.SerializerOptions.WriteIndented = true;
            });
        });

        await AnswersAlikeAsync(plain, host);
    }

    [Fact]
    public async Task A_host_without_reflection_in_its_json_changes_nothing()
    {
        await using var plain = await AdminHost.StartAsync();
        await using var host = await AdminHost.StartAsync(builder =>
            builder.Services.ConfigureHttpJsonOptions(options =>
            {
                options.SerializerOptions.TypeInfoResolverChain.Clear();
                options.SerializerOptions.TypeInfoResolver = JsonTypeInfoResolver.Combine();
            }));

        await AnswersAlikeAsync(plain, host);
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData("", "")]
    [InlineData("/a/b/webhooks", "/a/b/webhooks")]
    [InlineData("/webhooks", "webhooks/")]
    [InlineData("/tenants/acme/hooks", "/tenants/{tenant}/hooks")]
    public async Task Works_at_any_prefix(string path, string prefix)
    {
        await using var host = await AdminHost.StartAsync(map: app => app.MapWebhookAdmin(prefix).AllowAnonymous());

        await FollowsLinksAsync(host, $"{path}/api/webhooks");
    }

    [Fact]
    public async Task Works_below_a_base_path()
    {
        await using var host = await AdminHost.StartAsync(map: app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapWebhookAdmin("/webhooks").AllowAnonymous();
        });

        await FollowsLinksAsync(host, "/base/webhooks/api/webhooks");
        await FollowsLinksAsync(host, "/base/webhooks/api/webhooks/");
    }

    [Fact]
    public async Task Can_be_mapped_more_than_once()
    {
        await using var host = await AdminHost.StartAsync(map: app =>
        {
            app.MapWebhookAdmin("/webhooks").AllowAnonymous();
            app.MapWebhookAdmin("/closed");
            app.MapGroup("/tenants").MapWebhookAdmin("/{tenant}").AllowAnonymous();
        });

        await Json.OfAsync(await host.GetAsync("triggers"));
        await Json.OfAsync(await host.GetAsync("/tenants/acme/api/triggers"));
        await Json.ProblemOfAsync(await host.GetAsync("/closed/api/triggers"), HttpStatusCode.Forbidden, "closed_by_default");
    }

    private static async Task AnswersAlikeAsync(AdminHost plain, AdminHost host)
    {
        foreach (var each in new[] { plain, host })
        {
            await each.CreateWebhookAsync();
            await each.PublishAsync();
        }

        (HttpMethod, string, string?)[] refused = [(HttpMethod.Post, "webhooks", """{"id":1}"""), (HttpMethod.Get, "deliveries?limit=0", null)];
        foreach (var (method, path, body) in Routes.All.Where(route => route.Method != HttpMethod.Delete).Concat(refused))
        {
            var expected = await plain.SendAsync(method, path, body);
            var actual = await host.SendAsync(method, path, body);
            Assert.Equal(expected.StatusCode, actual.StatusCode);
            new Json(await NodeAsync(actual)).Is(new Json(await NodeAsync(expected)).Masked());
        }
    }

    private static async Task<System.Text.Json.Nodes.JsonNode?> NodeAsync(HttpResponseMessage response) =>
        System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync());

    private static async Task FollowsLinksAsync(AdminHost host, string list)
    {
        const string Webhook = """{"name":"A","url":"https://example.com/","triggers":["*"]}""";
        await Json.OfAsync(await host.PostAsync(list, Webhook), 201);
        var created = await host.PostAsync(list, Webhook);
        var location = new Uri(created.RequestMessage!.RequestUri!, created.Headers.Location!);
        Assert.Equal(
            (await Json.OfAsync(created, 201)).Number("id"), (await Json.OfAsync(await host.Client.GetAsync(location))).Number("id"));

        var first = await host.GetAsync($"{list}?limit=1");
        var next = await host.Client.GetAsync(Json.Next(first));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Single((await Json.OfAsync(next)).Node!["items"]!.AsArray());
    }
}
