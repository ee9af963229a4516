using System.Net;
using System.Text.Json.Nodes;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class DeliveryRoutesTests
{
    [Fact]
    public async Task Shows_a_delivery_with_its_last_attempt()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();

        (await Deliveries.FinishedAsync(host, 1)).Delivery.Is("""
            {
              "id": 1, "eventId": "{uuid}", "trigger": "order.paid", "tenant": "", "webhook": { "id": 1, "uid": "{uuid}", "name": "Orders" },
              "status": "delivered", "attempts": 1, "createdAt": "{time}", "dueAt": null, "finishedAt": "{time}", "nextAttempt": null,
              "lastAttempt": {
                "number": 1, "startedAt": "{time}", "finishedAt": "{time}", "durationMs": "{ms}", "outcome": "delivered", "statusCode": 200, "error": null
              },
              "payloadKept": true, "payload": { "total": 12 }
            }
            """);
    }

    [Fact]
    public async Task Shows_what_was_said_in_each_attempt()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: NoRetries);
        await host.CreateWebhookAsync(url: receiver.Url);
        var published = await host.PublishAsync();
        await Deliveries.FinishedAsync(host, 1);
        receiver.Status = 200;

        var retried = await host.PostAsync("deliveries/1/retry");

        (await Json.OfAsync(retried, 202)).Is("""{ "id": 1, "result": "queued" }""");
        await Deliveries.FinishedAsync(host, 1, attempts: 2);
        var page = await Json.OfAsync(await host.GetAsync("deliveries/1/attempts"));
        var attempts = page.Node!["items"]!.AsArray();
        foreach (var attempt in attempts)
        {
            Assert.Contains(attempt!["requestHeaders"]!.AsArray(), header =>
                header!["name"]!.GetValue<string>() == "webhook-id" && header["value"]!.GetValue<string>() == published.Text("id"));
            Assert.NotEmpty(attempt["responseHeaders"]!.AsArray());
            attempt["requestHeaders"] = new JsonArray();
            attempt["responseHeaders"] = new JsonArray();
        }

        Assert.False(string.IsNullOrEmpty(attempts[0]!["error"]!.GetValue<string>()));
        attempts[0]!["error"] = "said";
        page.Is("""
            {
              "items": [
                {
                  "number": 1, "startedAt": "{time}", "finishedAt": "{time}", "durationMs": "{ms}", "outcome": "http_error", "statusCode": 500, "error": "said",
                  "url": "http://127.0.0.1:{port}/in", "requestHeaders": [], "responseHeaders": [], "responseBody": "thanks", "responseTruncated": false
                },
                {
                  "number": 2, "startedAt": "{time}", "finishedAt": "{time}", "durationMs": "{ms}", "outcome": "delivered", "statusCode": 200, "error": null,
                  "url": "http://127.0.0.1:{port}/in", "requestHeaders": [], "responseHeaders": [], "responseBody": "thanks", "responseTruncated": false
                }
              ],
              "next": null
            }
            """);
    }

    [Fact]
    public async Task Lists_the_newest_delivery_first_page_by_page()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        for (var i = 0; i < 5; i++)
        {
            await host.PublishAsync();
        }

        var ids = new List<long>();
        for (Uri? next = new("deliveries?limit=2&status=pending", UriKind.Relative); next is not null;)
        {
            var page = await host.Client.GetAsync(next);
            ids.AddRange(Ids(await Json.OfAsync(page)));
            next = Json.Next(page);
        }

        Assert.Equal([5, 4, 3, 2, 1], ids);
    }

    [Fact]
    public async Task Filters_deliveries()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: NoRetries);
        var webhook = await host.CreateWebhookAsync("Orders", receiver.Url);
        await host.PublishAsync("""{"trigger":"order.created","payload":1}""");
        await Deliveries.FinishedAsync(host, 1);
        receiver.Status = 500;
        await host.PostAsync("webhooks", $$"""{"tenant":"acme","name":"Acme","url":"{{receiver.Url}}","triggers":["*"]}""");
        var failed = await host.PublishAsync("""{"trigger":"order.paid","payload":2,"tenant":"acme"}""");
        await Deliveries.FinishedAsync(host, 2);

        async Task FindsAsync(string filter, params long[] expected) =>
            Assert.Equal(expected, Ids(await Json.OfAsync(await host.GetAsync($"deliveries?{filter}"))));

        await FindsAsync("", 2, 1);
        await FindsAsync("webhook=1", 1);
        await FindsAsync($"webhook={webhook.Text("uid")}", 1);
        await FindsAsync("status=delivered", 1);
        await FindsAsync("status=exhausted", 2);
        await FindsAsync("status=exhausted&status=delivered", 2, 1);
        await FindsAsync("status=parked");
        await FindsAsync("trigger=order.paid", 2);
        await FindsAsync("tenant=acme", 2);
        await FindsAsync("tenant=", 1);
        await FindsAsync($"event={failed.Text("id")}", 2);
        await FindsAsync("answer=success", 1);
        await FindsAsync("answer=server_error", 2);
        await FindsAsync("answer=success&answer=server_error", 2, 1);
        await FindsAsync("answer=not_attempted");
        await FindsAsync("statusCode=200", 1);
        await FindsAsync("statusCode=500", 2);
        await FindsAsync("statusCode=999");
        await FindsAsync("outcome=http_error", 2);
        await FindsAsync("outcome=http_error&outcome=delivered", 2, 1);
        await FindsAsync("outcome=timeout_headers");
        await FindsAsync("attemptsFrom=1&attemptsTo=1", 2, 1);
        await FindsAsync("attemptsFrom=2");
        await FindsAsync("attemptsTo=0");
        await FindsAsync("createdTo=2020-01-01T00:00:00Z");
        await FindsAsync("createdFrom=2020-01-01T00:00:00Z", 2, 1);
        await FindsAsync("attemptedTo=2020-01-01T00:00:00Z");
        await FindsAsync("attemptedFrom=2020-01-01T00:00:00Z&webhook=2", 2);
    }

    [Fact]
    public async Task Finds_the_deliveries_of_a_deleted_webhook_by_its_uuid()
    {
        await using var host = await AdminHost.StartAsync();
        var webhook = await host.CreateWebhookAsync();
        await host.PublishAsync();
        await host.SendAsync(HttpMethod.Delete, "webhooks/1");

        Assert.Equal([1], Ids(await Json.OfAsync(await host.GetAsync($"deliveries?webhook={webhook.Text("uid")}"))));
        Assert.Empty(Ids(await Json.OfAsync(await host.GetAsync($"deliveries?webhook={Guid.NewGuid()}"))));
    }

    [Fact]
    public async Task Says_why_a_delivery_is_not_retried()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PublishAsync();

        await Json.ProblemOfAsync(await host.PostAsync("deliveries/77/retry"), HttpStatusCode.NotFound, "not_found");
        await host.PostAsync("webhooks/1/disable");
        await Json.ProblemOfAsync(await host.PostAsync("deliveries/1/retry"), HttpStatusCode.Conflict, "webhook_disabled");
        await host.SendAsync(HttpMethod.Delete, "webhooks/1");
        await Json.ProblemOfAsync(await host.PostAsync("deliveries/1/retry"), HttpStatusCode.Conflict, "webhook_deleted");
    }

    [Fact]
    public async Task Starts_no_second_attempt_while_one_is_under_way()
    {
        var answer = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync();
        receiver.Hold = answer.Task;
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();

        await Json.ProblemOfAsync(await host.PostAsync("deliveries/1/retry"), HttpStatusCode.Conflict, "delivery_under_way");
        (await Json.OfAsync(await host.PostAsync("deliveries/retry", """{"ids":[1,1]}"""))).Is("""
            { "items": [ { "id": 1, "result": "under_way" } ], "next": null }
            """);
        answer.SetResult();
        await Deliveries.FinishedAsync(host, 1);
        Assert.Single(receiver.Bodies);
    }

    [Fact]
    public async Task Retries_many_and_says_what_became_of_each()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 503;
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: NoRetries);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();
        await host.PublishAsync();
        await Deliveries.FinishedAsync(host, 1);
        await Deliveries.FinishedAsync(host, 2);
        receiver.Status = 200;

        var retried = await host.PostAsync("deliveries/retry", """{"ids":[2,77,1,2]}""");

        (await Json.OfAsync(retried)).Is("""
            {
              "items": [ { "id": 2, "result": "queued" }, { "id": 77, "result": "not_found" }, { "id": 1, "result": "queued" } ],
              "next": null
            }
            """);
        Assert.Equal("delivered", (await Deliveries.FinishedAsync(host, 1, attempts: 2)).Delivery.Text("status"));
        Assert.Equal("delivered", (await Deliveries.FinishedAsync(host, 2, attempts: 2)).Delivery.Text("status"));
    }

    [Fact]
    public async Task Retries_a_thousand_at_once_and_not_one_more()
    {
        await using var host = await AdminHost.StartAsync();

        var thousand = await Json.OfAsync(
            await host.PostAsync("deliveries/retry", $$"""{"ids":[{{string.Join(',', Enumerable.Range(1, 1000))}}]}"""));
        var more = await host.PostAsync("deliveries/retry", $$"""{"ids":[{{string.Join(',', Enumerable.Range(1, 1001))}}]}""");

        Assert.Equal(1000, thousand.Node!["items"]!.AsArray().Count);
        var problem = await Json.ProblemOfAsync(more, HttpStatusCode.BadRequest, "validation_failed");
        Assert.NotNull(problem.Node!["errors"]!["ids"]);
    }

    [Fact]
    public async Task Cancels_what_is_not_finished_and_says_why_the_rest_is_not()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PublishAsync();
        await host.PublishAsync();

        (await Json.OfAsync(await host.PostAsync("deliveries/1/cancel"))).Is("""{ "id": 1, "result": "cancelled" }""");
        await Json.ProblemOfAsync(await host.PostAsync("deliveries/1/cancel"), HttpStatusCode.Conflict, "delivery_finished");
        await Json.ProblemOfAsync(await host.PostAsync("deliveries/77/cancel"), HttpStatusCode.NotFound, "not_found");
        (await Json.OfAsync(await host.PostAsync("deliveries/cancel", """{"ids":[2,77,1,2]}"""))).Is("""
            {
              "items": [ { "id": 2, "result": "cancelled" }, { "id": 77, "result": "not_found" }, { "id": 1, "result": "already_finished" } ],
              "next": null
            }
            """);
        Assert.Equal("cancelled", (await Json.OfAsync(await host.GetAsync("deliveries/2"))).Text("status"));
    }

    [Fact]
    public async Task Does_not_cancel_what_is_under_way()
    {
        var answer = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync();
        receiver.Hold = answer.Task;
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync(url: receiver.Url);
        await host.PublishAsync();

        await Json.ProblemOfAsync(await host.PostAsync("deliveries/1/cancel"), HttpStatusCode.Conflict, "delivery_under_way");
        answer.SetResult();
        Assert.Equal("delivered", (await Deliveries.FinishedAsync(host, 1)).Delivery.Text("status"));
    }

    private static void NoRetries(WebhooksOptions options) => options.Retry.Delays = [];

    private static IEnumerable<long> Ids(Json page) => page.Node!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<long>());
}
