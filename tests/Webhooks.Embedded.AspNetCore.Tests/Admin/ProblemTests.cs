using System.Net;
using Microsoft.AspNetCore.Builder;
using Webhooks.Embedded.AspNetCore.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class ProblemTests
{
    private const string Canary = "at Webhooks.Storage, near 'SELECT secret FROM webhook_secrets', /var/lib/app.db";

    [Fact]
    public async Task A_fault_of_ours_tells_nothing_but_where_to_look()
    {
        var failing = new FailingServices(() => new InvalidOperationException(Canary));
        await using var host = await AdminHost.StartAsync(
            builder =>
            {
                failing.Replace(builder);
                TestUser.Add(builder);
            },
            app =>
            {
                app.UseDeveloperExceptionPage();
                app.MapWebhookAdmin("/webhooks", options => options.RevealPolicy = "Admin").RequireAuthorization("Admin");
            });

        foreach (var (method, path, body) in Routes.All)
        {
            var response = await host.SendAsync(method, path, body, TestUser.Admin);

            var problem = await Json.ProblemOfAsync(response, HttpStatusCode.InternalServerError, "internal_error");
            Assert.Equal(["type", "title", "status", "detail", "code", "traceId"], problem.Node!.AsObject().Select(member => member.Key));
            Assert.DoesNotContain("Webhooks.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain("SELECT", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Single(host.Logs.Lines, line =>
                line.StartsWith("Error Webhooks.Embedded.AspNetCore.Admin.AdminProblems 4001", StringComparison.Ordinal)
                && line.Contains(problem.Text("traceId"), StringComparison.Ordinal));
        }

        Assert.Equal(Routes.All.Count, failing.Calls);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.ServiceUnavailable, "store_unavailable")]
    [InlineData(false, HttpStatusCode.InternalServerError, "internal_error")]
    public async Task A_store_that_fails_is_told_apart_by_whether_to_try_again(bool isTransient, HttpStatusCode status, string code)
    {
        var failing = new FailingServices(() => new WebhookStoreException(Canary, isTransient: isTransient));
        await using var host = await AdminHost.StartAsync(failing.Replace);

        var problem = await Json.ProblemOfAsync(await host.GetAsync("webhooks"), status, code);

        Assert.DoesNotContain("SELECT", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("webhooks/1", "There is no webhook with this id.")]
    [InlineData("deliveries/1", "There is no delivery with this id.")]
    [InlineData("events/01890a5d-ac96-774b-bcce-b302099a8057", "There is no event with this id.")]
    public async Task What_is_not_there_is_a_problem_of_one_shape(string path, string detail)
    {
        await using var host = await AdminHost.StartAsync();

        (await Json.ProblemOfAsync(await host.GetAsync(path), HttpStatusCode.NotFound, "not_found")).Is($$"""
            { "type": "urn:webhooks:problem:not_found", "title": "Not found", "status": 404, "detail": "{{detail}}", "code": "not_found" }
            """);
    }

    [Fact]
    public async Task What_is_refused_is_listed_field_by_field()
    {
        await using var host = await AdminHost.StartAsync();

        var response = await host.GetAsync("deliveries?limit=0&status=sent&createdFrom=yesterday");

        (await Json.ProblemOfAsync(response, HttpStatusCode.BadRequest, "validation_failed")).Is("""
            {
              "type": "urn:webhooks:problem:validation_failed", "title": "The input was refused", "status": 400, "detail": "See errors; nothing was changed.",
              "code": "validation_failed",
              "errors": {
                "status": [ { "code": "unknown_value", "message": "Must be one of pending, leased, retrying, parked, delivered, exhausted, cancelled, quarantined." } ],
                "createdFrom": [ { "code": "not_a_time", "message": "Must be a time with its offset, such as 2030-01-31T12:00:00Z or 2030-01-31T12:00:00%2B02:00 (a plus sign is written %2B)." } ],
                "limit": [ { "code": "out_of_range", "message": "Must be a whole number from 1 to 200." } ]
              }
            }
            """);
    }

    [Fact]
    public async Task A_route_that_is_not_there_is_a_problem_even_where_the_host_has_a_page_for_everything()
    {
        await using var host = await AdminHost.StartAsync(map: app =>
        {
            app.MapFallback(() => "the app's own page");
            app.MapWebhookAdmin("/webhooks").AllowAnonymous();
        });

        string[] routes = ["GET nowhere", "PUT webhooks/1", "GET webhooks/1/enable", "DELETE events/1", "GET ", "GET webhooks/1/2/3"];
        foreach (var route in routes)
        {
            var response = await host.SendAsync(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]);
            await Json.ProblemOfAsync(response, HttpStatusCode.NotFound, "no_route");
        }

        Assert.Equal("the app's own page", await host.Client.GetStringAsync("/elsewhere"));
    }

    [Theory]
    [InlineData(WebhookRetryResult.Queued, null)]
    [InlineData(WebhookRetryResult.UnderWay, "delivery_under_way")]
    [InlineData(WebhookRetryResult.NotFound, "not_found")]
    [InlineData(WebhookRetryResult.WebhookDisabled, "webhook_disabled")]
    [InlineData(WebhookRetryResult.WebhookDeleted, "webhook_deleted")]
    [InlineData(WebhookRetryResult.PayloadExpired, "payload_expired")]
    public void Every_refused_retry_has_a_code(WebhookRetryResult result, string? code) =>
        Assert.Equal(code, AdminProblems.NotRetried(result)?.Code);

    [Fact]
    public async Task Mapping_without_the_services_names_the_missing_call()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        var exception = Assert.Throws<InvalidOperationException>(() => app.MapWebhookAdmin("/webhooks"));

        Assert.Contains("AddWebhooks()", exception.Message, StringComparison.Ordinal);
    }
}
