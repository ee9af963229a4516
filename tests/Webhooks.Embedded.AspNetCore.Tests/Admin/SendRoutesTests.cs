using System.Net;
using System.Text;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Test events, and events that are sent again.</summary>
public sealed class SendRoutesTests
{
    [Fact]
    public async Task Sends_a_test_event_that_the_receiver_gets_and_the_log_shows()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var host = await AdminHost.StartAsync(dispatch: true);
        await host.CreateWebhookAsync();
        var webhook = await host.CreateWebhookAsync(url: receiver.Url);

        var response = await host.PostAsync($"webhooks/{webhook.Text("uid")}/test", """{"trigger":"order.paid"}""");

        var test = await Json.OfAsync(response, 202);
        test.Is("""{ "eventId": "{uuid}", "deliveryId": 1 }""");
        await Deliveries.FinishedAsync(host, 1);
        Assert.Equal("""{"test":true}""", Encoding.UTF8.GetString(Assert.Single(receiver.Bodies)));
        var sent = await Json.OfAsync(await host.GetAsync($"events/{test.Text("eventId")}"));
        Assert.Equal("order.paid", sent.Text("trigger"));
        Assert.StartsWith("webhooks-test-", sent.Text("idempotencyKey"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_body_the_test_is_of_the_first_trigger_that_the_webhook_wants()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var test = await Json.OfAsync(await host.PostAsync("webhooks/1/test"), 202);

        Assert.Equal("order.created", (await Json.OfAsync(await host.GetAsync($"events/{test.Text("eventId")}"))).Text("trigger"));
    }

    [Fact]
    public async Task Sends_a_webhook_ten_tests_a_minute_and_says_when_the_next_one_may_be_sent()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.CreateWebhookAsync();
        for (var i = 0; i < 10; i++)
        {
            await Json.OfAsync(await host.PostAsync("webhooks/1/test"), 202);
        }

        var response = await host.PostAsync("webhooks/1/test");

        await Json.ProblemOfAsync(response, HttpStatusCode.TooManyRequests, "too_many_tests");
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await Json.OfAsync(await host.PostAsync("webhooks/2/test"), 202);
        Assert.Equal(11, (await Json.OfAsync(await host.GetAsync("events"))).Node!["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Refuses_to_test_a_disabled_webhook()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.PostAsync("webhooks/1/disable");

        await Json.ProblemOfAsync(await host.PostAsync("webhooks/1/test"), HttpStatusCode.Conflict, "webhook_disabled");
        await Json.ProblemOfAsync(await host.PostAsync("webhooks/2/test"), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Sends_an_event_again_to_all_that_have_it()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();
        await host.CreateWebhookAsync();
        var published = await host.PublishAsync();
        await host.PostAsync("webhooks/2/disable");

        (await Json.OfAsync(await host.PostAsync($"events/{published.Text("id")}/send"))).Is("""
            {
              "items": [
                { "webhookId": 1, "deliveryId": 1, "result": "queued" },
                { "webhookId": 2, "deliveryId": 2, "result": "webhook_disabled" }
              ],
              "next": null
            }
            """);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sends_an_event_to_one_more_webhook_once(bool byUuid)
    {
        await using var host = await AdminHost.StartAsync();
        var published = await host.PublishAsync();
        var webhook = await host.CreateWebhookAsync();
        var body = byUuid ? $$"""{"webhook":"{{webhook.Text("uid")}}"}""" : """{"webhook":1}""";

        for (var i = 0; i < 2; i++)
        {
            (await Json.OfAsync(await host.PostAsync($"events/{published.Text("id")}/send", body))).Is("""
                { "items": [ { "webhookId": 1, "deliveryId": 1, "result": "queued" } ], "next": null }
                """);
        }

        Assert.Single((await Json.OfAsync(await host.GetAsync("deliveries"))).Node!["items"]!.AsArray());
    }

    [Fact]
    public async Task Says_why_a_webhook_cannot_get_an_event()
    {
        await using var host = await AdminHost.StartAsync();
        var published = await host.PublishAsync("""{"trigger":"order.paid","payload":1,"tenant":"acme"}""");
        await host.CreateWebhookAsync();

        (await Json.OfAsync(await host.PostAsync($"events/{published.Text("id")}/send", """{"webhook":1}"""))).Is("""
            { "items": [ { "webhookId": 1, "deliveryId": null, "result": "not_found" } ], "next": null }
            """);
    }

    [Theory]
    [InlineData("""{"webhook":null}""", "wrong_type")]
    [InlineData("""{"webhook":[1]}""", "wrong_type")]
    [InlineData("""{"webhook":2}""", "unknown_webhook")]
    [InlineData("""{"webhook":1.0}""", "unknown_webhook")]
    [InlineData("""{"webhook":-1}""", "unknown_webhook")]
    [InlineData("""{"webhook":1e400}""", "unknown_webhook")]
    [InlineData("""{"webhook":""}""", "unknown_webhook")]
    [InlineData("""{"webhook":"\ud800"}""", "unknown_webhook")]
    public async Task Refuses_what_names_no_webhook(string body, string code)
    {
        await using var host = await AdminHost.StartAsync();
        var published = await host.PublishAsync();
        await host.CreateWebhookAsync();

        var problem = await Json.ProblemOfAsync(
            await host.PostAsync($"events/{published.Text("id")}/send", body), HttpStatusCode.BadRequest, "validation_failed");

        Assert.Equal(code, problem.Node!["errors"]!["webhook"]![0]!["code"]!.GetValue<string>());
        Assert.Empty((await Json.OfAsync(await host.GetAsync("deliveries"))).Node!["items"]!.AsArray());
    }

    [Fact]
    public async Task Does_not_find_an_event_that_is_not_there()
    {
        await using var host = await AdminHost.StartAsync();
        await host.CreateWebhookAsync();

        var response = await host.PostAsync("events/01890a5d-ac96-774b-bcce-b302099a8057/send", """{"webhook":1}""");

        await Json.ProblemOfAsync(response, HttpStatusCode.NotFound, "not_found");
    }
}
