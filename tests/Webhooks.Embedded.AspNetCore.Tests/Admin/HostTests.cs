using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
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

    [Fact]
    public async Task Describes_every_route_for_open_api()
    {
        await using var host = await AdminHost.StartAsync(builder => builder.Services.AddEndpointsApiExplorer());
        var groups = host.Services.GetRequiredService<IApiDescriptionGroupCollectionProvider>().ApiDescriptionGroups;
        var routes = groups.Items.SelectMany(group => group.Items).ToList();

        Assert.Equal(
            [
                "Webhooks_CancelDeliveries: POST deliveries/cancel (body CancelDeliveriesRequest) 200, 400, 413, 415",
                "Webhooks_CancelDelivery: POST deliveries/{id}/cancel (id) 200, 404, 409",
                "Webhooks_ChangeWebhook: PATCH webhooks/{id} (id, body ChangeWebhookRequest) 200, 400, 404, 413, 415",
                "Webhooks_CreateWebhook: POST webhooks (body CreateWebhookRequest) 201, 400, 413, 415",
                "Webhooks_DeleteWebhook: DELETE webhooks/{id} (id) 204, 404",
                "Webhooks_DisableWebhook: POST webhooks/{id}/disable (id, body DisableWebhookRequest) 200, 400, 404, 413, 415",
                "Webhooks_EnableWebhook: POST webhooks/{id}/enable (id, body EnableWebhookRequest) 200, 400, 404, 413, 415",
                "Webhooks_GetDelivery: GET deliveries/{id} (id) 200, 404",
                "Webhooks_GetEvent: GET events/{id} (id) 200, 404",
                "Webhooks_GetWebhook: GET webhooks/{id} (id) 200, 404",
                "Webhooks_ListAttempts: GET deliveries/{id}/attempts (id) 200, 404",
                "Webhooks_ListDeliveries: GET deliveries (webhook, status, trigger, tenant, event, answer, createdFrom, createdTo, attemptedFrom, attemptedTo, cursor, limit) 200, 400",
                "Webhooks_ListEvents: GET events (tenant, trigger, publishedFrom, publishedTo, cursor, limit) 200, 400",
                "Webhooks_ListTriggers: GET triggers () 200",
                "Webhooks_ListWebhooks: GET webhooks (tenant, enabled, cursor, limit) 200, 400",
                "Webhooks_PublishEvent: POST events (body PublishEventRequest) 202, 400, 409, 413, 415",
                "Webhooks_RetryDeliveries: POST deliveries/retry (body RetryDeliveriesRequest) 200, 400, 413, 415",
                "Webhooks_RetryDelivery: POST deliveries/{id}/retry (id) 202, 404, 409",
                "Webhooks_RotateWebhookSecret: POST webhooks/{id}/rotate-secret (id, body RotateSecretRequest) 200, 400, 404, 413, 415",
                "Webhooks_SendEvent: POST events/{id}/send (id, body SendEventRequest) 200, 400, 404, 413, 415",
                "Webhooks_TestWebhook: POST webhooks/{id}/test (id, body SendTestRequest) 202, 400, 404, 409, 413, 415, 429",
            ],
            routes.Select(Summary).Order(StringComparer.Ordinal));
        Assert.All(routes, route =>
        {
            Assert.Equal(["Webhooks"], Metadata<ITagsMetadata>(route).Tags);
            Assert.NotEmpty(Metadata<IEndpointSummaryMetadata>(route).Summary);
        });
    }

    private static string Summary(ApiDescription route)
    {
        var path = route.RelativePath!["webhooks/api/".Length..];
        var parameters = route.ParameterDescriptions.Select(
            parameter => parameter.Source.Id == "Body" ? $"body {parameter.Type.Name}" : parameter.Name);
        var statuses = route.SupportedResponseTypes.Select(response => response.StatusCode).Order();
        return $"{Metadata<IEndpointNameMetadata>(route).EndpointName}: {route.HttpMethod} {path} "
            + $"({string.Join(", ", parameters)}) {string.Join(", ", statuses)}";
    }

    private static T Metadata<T>(ApiDescription route) => route.ActionDescriptor.EndpointMetadata.OfType<T>().Single();

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
