using System.Net;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class OperationRoutesTests
{
    public static TheoryData<string, string> BadBodies => new()
    {
        { """{"filter":{"webhook":"1"}}""", "kind" },
        { """{"kind":"resend","filter":{"webhook":"1"}}""", "kind" },
        { """{"kind":0,"filter":{"webhook":"1"}}""", "kind" },
        { """{"kind":"retry"}""", "filter" },
        { """{"kind":"retry","filter":{}}""", "filter" },
        { """{"kind":"retry","all":false,"filter":{}}""", "filter" },
        { """{"kind":"retry","filter":{"status":[]}}""", "filter" },
        { """{"kind":"retry","filter":null}""", "filter" },
        { """{"kind":"retry","filter":[]}""", "filter" },
        { """{"kind":"retry","all":"true"}""", "all" },
        { """{"kind":"retry","filter":{"webhook":"1"},"rate":0}""", "rate" },
        { """{"kind":"retry","filter":{"webhook":"1"},"rate":10001}""", "rate" },
        { """{"kind":"retry","filter":{"webhook":"1"},"rate":1.5}""", "rate" },
        { """{"kind":"retry","filter":{"webhook":"1"},"createdBy":"root"}""", "createdBy" },
        { """{"kind":"retry","filter":{"status":["sent"]}}""", "filter.status" },
        { """{"kind":"retry","filter":{"status":[null]}}""", "filter.status" },
        { """{"kind":"retry","filter":{"status":{}}}""", "filter.status" },
        { """{"kind":"retry","filter":{"webhook":true}}""", "filter.webhook" },
        { """{"kind":"retry","filter":{"webhook":""}}""", "filter.webhook" },
        { """{"kind":"retry","filter":{"statuss":["exhausted"]}}""", "filter.statuss" },
        { """{"kind":"retry","filter":{"limit":"1"}}""", "filter.limit" },
        { """{"kind":"retry","filter":{"trigger":""}}""", "filter.trigger" },
        { """{"kind":"retry","filter":{"event":"1"}}""", "filter.event" },
        { """{"kind":"retry","filter":{"createdFrom":"yesterday"}}""", "filter.createdFrom" },
        { """{"kind":"retry","filter":{"createdFrom":"2024-01-02T00:00:00Z","createdTo":"2024-01-01T00:00:00Z"}}""", "filter.createdFrom" },
        { """{"kind":"retry","filter":{"trigger":"\ud800"}}""", "filter.trigger" },
    };

    [Fact]
    public async Task Retries_all_that_a_filter_finds_and_shows_how_far_it_has_come()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Status = 500;
        await using var host = await AdminHost.StartAsync(dispatch: true, configure: options => options.Retry.Delays = []);
        await host.CreateWebhookAsync(url: receiver.Url);
        for (var id = 1; id <= 3; id++)
        {
            await host.PublishAsync();
            await Deliveries.FinishedAsync(host, id);
        }

        receiver.Status = 200;
        var preview = await Json.OfAsync(await host.PostAsync("operations/preview", """{"filter":{"status":["exhausted"]}}"""));
        Assert.Equal((3, false), (preview.Number("count"), preview.Node!["countIsAtLeast"]!.GetValue<bool>()));
        Assert.Equal([3, 2, 1], preview.Node["sample"]!.AsArray().Select(item => item!["id"]!.GetValue<int>()));

        var answer = await host.PostAsync(
            "operations", """{"kind":"retry","filter":{"webhook":1,"status":"exhausted","answer":["server_error"],"createdFrom":"2024-01-01T00:00:00+02:00"},"rate":1000}""");
        var started = await Json.OfAsync(answer, 202);
        started.Is("""
            {
              "id": "{uuid}", "kind": "retry", "status": "running", "tenant": null,
              "filter": { "webhook": 1, "status": ["exhausted"], "answer": ["server_error"], "createdFrom": "{time}" },
              "rate": 1000, "createdBy": null, "createdAt": "{time}", "updatedAt": "{time}", "finishedAt": null, "matched": 3, "matchedIsAtLeast": false,
              "done": 0,
              "skipped": { "underWay": 0, "webhookDisabled": 0, "webhookDeleted": 0, "payloadExpired": 0, "alreadyFinished": 0, "gone": 0 },
              "error": null
            }
            """);

        var id1 = started.Text("id");
        Assert.Equal($"operations/{id1}", answer.Headers.Location!.OriginalString);
        var ended = await EndedAsync(host, id1);
        Assert.Equal(("completed", 3), (ended.Text("status"), ended.Number("done")));
        for (var id = 1; id <= 3; id++)
        {
            Assert.Equal("delivered", (await Deliveries.FinishedAsync(host, id, attempts: 2)).Delivery.Text("status"));
        }

        await Json.ProblemOfAsync(await host.PostAsync($"operations/{id1}/cancel"), HttpStatusCode.Conflict, "operation_ended");
    }

    [Fact]
    public async Task Starts_one_operation_for_an_idempotency_key_and_lists_and_stops_it()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PublishAsync();

        async Task<Json> StartAsync(string key) => await Json.OfAsync(
            await host.SendAsync(HttpMethod.Post, "operations", """{"kind":"cancel","all":true}""", ("Idempotency-Key", key)), 202);

        var first = await StartAsync("a");
        Assert.Equal(first.Text("id"), (await StartAsync("a")).Text("id"));
        var second = await StartAsync("b");
        var page = await host.GetAsync("operations?limit=1");
        Assert.Equal(second.Text("id"), (await Json.OfAsync(page)).Node!["items"]![0]!["id"]!.GetValue<string>());
        var rest = await Json.OfAsync(await host.Client.GetAsync(Json.Next(page)));
        Assert.Equal(first.Text("id"), Assert.Single(rest.Node!["items"]!.AsArray())!["id"]!.GetValue<string>());

        var cancelled = await Json.OfAsync(await host.PostAsync($"operations/{second.Text("id")}/cancel"));
        Assert.Equal("cancelled", cancelled.Text("status"));
        await Json.ProblemOfAsync(await host.PostAsync($"operations/{Guid.NewGuid()}/cancel"), HttpStatusCode.NotFound, "not_found");
        await Json.ProblemOfAsync(await host.GetAsync("operations/7"), HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Refuses_a_bad_start_naming_the_field_and_starts_nothing(string body, string field)
    {
        await using var host = await AdminHost.StartAsync();

        var problem = await Json.ProblemOfAsync(await host.PostAsync("operations", body), HttpStatusCode.BadRequest, "validation_failed");

        Assert.Contains(field, problem.Node!["errors"]!.AsObject().Select(error => error.Key));
        Assert.Empty((await Json.OfAsync(await host.GetAsync("operations"))).Node!["items"]!.AsArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("too long")]
    public async Task Refuses_a_bad_idempotency_key(string key)
    {
        await using var host = await AdminHost.StartAsync();
        var header = key.Length == 0 ? key : new string('k', 256);

        var answer = await host.SendAsync(HttpMethod.Post, "operations", """{"kind":"cancel","all":true}""", ("Idempotency-Key", header));

        var problem = await Json.ProblemOfAsync(answer, HttpStatusCode.BadRequest, "validation_failed");
        Assert.NotNull(problem.Node!["errors"]!["idempotencyKey"]);
    }

    [Theory]
    [InlineData("""{"kind":"retry","filter":{"trigger":"order.created"}}""")]
    [InlineData("""{"kind":"cancel","filter":{"trigger":"order.shipped"}}""")]
    [InlineData("""{"kind":"cancel","all":true}""")]
    public async Task Refuses_an_idempotency_key_that_started_another_operation(string other)
    {
        await using var host = await AdminHost.StartAsync();
        Task<HttpResponseMessage> SendAsync(string body) => host.SendAsync(HttpMethod.Post, "operations", body, ("Idempotency-Key", "once"));
        await Json.OfAsync(await SendAsync("""{"kind":"cancel","filter":{"trigger":"order.created"}}"""), 202);

        await Json.ProblemOfAsync(await SendAsync(other), HttpStatusCode.Conflict, "idempotency_conflict");

        Assert.Single((await Json.OfAsync(await host.GetAsync("operations"))).Node!["items"]!.AsArray());
    }

    [Theory]
    [InlineData("operations?status=running", "status")]
    [InlineData("overview?windw=24h", "windw")]
    public async Task Refuses_parameters_that_are_not_there(string path, string name)
    {
        await using var host = await AdminHost.StartAsync();

        var problem = await Json.ProblemOfAsync(await host.GetAsync(path), HttpStatusCode.BadRequest, "validation_failed");

        Assert.Equal("unknown_parameter", problem.Node!["errors"]![name]![0]!["code"]!.GetValue<string>());
    }

    private static async Task<Json> EndedAsync(AdminHost host, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var operation = await Json.OfAsync(await host.Client.GetAsync($"operations/{id}", patience.Token));
            if (operation.Text("status") != "running")
            {
                return operation;
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
