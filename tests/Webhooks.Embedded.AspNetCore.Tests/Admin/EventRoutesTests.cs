using System.Net;
using System.Text;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

public sealed class EventRoutesTests
{
    [Fact]
    public async Task Publishes_an_event()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var response = await host.PostAsync("events", """{"trigger":"order.paid","payload":{"total":12}}""");

        (await Json.OfAsync(response, 202)).Is("""{ "id": "{uuid}", "deliveries": 1, "duplicate": false }""");
        var published = await host.Client.GetAsync(new Uri(response.RequestMessage!.RequestUri!, response.Headers.Location!));
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
    }

    [Fact]
    public async Task Sends_the_very_bytes_of_the_payload()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync(url: receiver.Url);
        string[] payloads =
        [
            """{ "b" : 1,   "a": [ 1e400, -0, 0.10000000000000000000001 ] }""", """{"a":1,"a":2}""",
            """{"a":"\u0000\ud800 Gr\u00fc\u00dfe, Grüße"}""",
            "null", "[]", "\"text\"", "12",
        ];

        foreach (var (payload, id) in payloads.Zip(Enumerable.Range(1, payloads.Length)))
        {
            var published = await host.PublishAsync($$"""{ "payload" : {{payload}} , "trigger":"order.paid" }""");

            await Deliveries.FinishedAsync(host, id);
            Assert.Equal(payload, Encoding.UTF8.GetString(receiver.Bodies.Last()));
            var shown = await (await host.GetAsync($"events/{published.Text("id")}")).Content.ReadAsStringAsync();
            Assert.Contains($"\"payload\":{payload},", shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Shows_an_event_with_its_payload_and_its_deliveries()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync("Orders");
        await host.CreateWebhookAsync("More orders");
        var published = await host.PublishAsync("""{"trigger":"order.paid","payload":{"total":12},"target":"42","idempotencyKey":"k1"}""");

        (await Json.OfAsync(await host.GetAsync($"events/{published.Text("id")}"))).Is("""
            {
              "id": "{uuid}", "trigger": "order.paid", "tenant": "", "target": "42", "idempotencyKey": "k1", "publishedAt": "{time}",
              "payloadSize": 12,
              "payloadKept": true,
              "payload": { "total": 12 },
              "deliveries": {
                "items": [
                  {
                    "id": 2, "eventId": "{uuid}", "trigger": "order.paid", "tenant": "", "webhook": { "id": 2, "uid": "{uuid}", "name": "More orders" },
                    "status": "pending", "attempts": 0, "createdAt": "{time}", "dueAt": "{time}", "finishedAt": null,
                    "nextAttempt": {
                      "dueAt": "{time}", "because": "first", "detail": "No attempt was made yet. The first one is made as soon as a node has room for it."
                    },
                    "lastAttempt": null
                  },
                  {
                    "id": 1, "eventId": "{uuid}", "trigger": "order.paid", "tenant": "", "webhook": { "id": 1, "uid": "{uuid}", "name": "Orders" },
                    "status": "pending", "attempts": 0, "createdAt": "{time}", "dueAt": "{time}", "finishedAt": null,
                    "nextAttempt": {
                      "dueAt": "{time}", "because": "first", "detail": "No attempt was made yet. The first one is made as soon as a node has room for it."
                    },
                    "lastAttempt": null
                  }
                ],
                "next": null
              }
            }
            """);
    }

    [Fact]
    public async Task Lists_the_newest_event_first_and_without_payloads()
    {
        await using var host = await AdminHost.StartAsync();
        await host.PublishAsync("""{"trigger":"order.created","payload":1}""");
        await host.PublishAsync("""{"trigger":"order.paid","payload":2,"tenant":"acme"}""");

        (await Json.OfAsync(await host.GetAsync("events"))).Is("""
            {
              "items": [
                { "id": "{uuid}", "trigger": "order.paid", "tenant": "acme", "target": null, "idempotencyKey": null, "publishedAt": "{time}", "payloadSize": 1 },
                { "id": "{uuid}", "trigger": "order.created", "tenant": "", "target": null, "idempotencyKey": null, "publishedAt": "{time}", "payloadSize": 1 }
              ],
              "next": null
            }
            """);
        Assert.Equal(["order.created"], await TriggersAsync(host, "events?trigger=order.created"));
        Assert.Equal(["order.paid"], await TriggersAsync(host, "events?tenant=acme"));
        Assert.Equal(["order.paid"], await TriggersAsync(host, "events?limit=1"));
        Assert.Empty(await TriggersAsync(host, "events?publishedTo=2020-01-01T00:00Z"));
        const string Range = "publishedFrom=2020-01-01T00:00:00%2B02:00&publishedTo=2999-12-31T23:59:59.999Z";
        Assert.Equal(["order.paid", "order.created"], await TriggersAsync(host, $"events?{Range}"));
    }

    [Fact]
    public async Task Publishes_once_under_one_idempotency_key()
    {
        await using var host = await AdminHost.StartAsync();
        const string Order = """{"trigger":"order.paid","payload":{"total":12},"idempotencyKey":"k1"}""";

        var first = await host.PublishAsync(Order);
        var second = await host.PublishAsync(Order);
        var other = await host.PostAsync("events", """{"trigger":"order.paid","payload":{"total":13},"idempotencyKey":"k1"}""");

        Assert.Equal(first.Text("id"), second.Text("id"));
        Assert.True(second.Node!["duplicate"]!.GetValue<bool>());
        var problem = await Json.ProblemOfAsync(other, HttpStatusCode.Conflict, "idempotency_conflict");
        Assert.Contains(first.Text("id"), problem.Text("detail"), StringComparison.Ordinal);
        Assert.Single(await TriggersAsync(host, "events"));
    }

    private static async Task<IEnumerable<string>> TriggersAsync(AdminHost host, string path) =>
        (await Json.OfAsync(await host.GetAsync(path))).Node!["items"]!.AsArray().Select(item => item!["trigger"]!.GetValue<string>());
}
