using System.Text.Json.Nodes;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

public sealed class BaanxEventRoutesTests : IAsyncLifetime
{
    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await VendorHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Events_are_listed_newest_first_with_their_payloads_and_statuses()
    {
        await _host.CreateAsync("fine", "order.created");
        await _host.CreateAsync("broken", "order.paid");
        _host.Receiver.Answer("broken", 500);
        var delivered = await _host.DeliverAsync("order.created", """{"user_id":"u1"}""");
        var retried = await _host.DeliverAsync("order.paid");
        var skipped = await _host.PublishAsync("user.created", target: "user-7");

        var list = await ListAsync("");
        Assert.Equal([skipped, retried, delivered], list.Select(Id));
        Assert.Equal(["skipped", "processing", "completed"], list.Select(item => Text(item, "status")));
        Assert.Equal(
            ["id", "eventId", "tenant", "eventType", "payload", "userId", "sourceService", "status", "createdAt", "processedAt", "queuedAt"],
            list[2].AsObject().Select(member => member.Key));
        Assert.Equal("""{"user_id":"u1"}""", list[2]["payload"]!.ToJsonString());
        Assert.Equal(("order.created", Text(list[2], "id")), (Text(list[2], "eventType"), Text(list[2], "eventId")));
        Assert.NotEmpty(Text(list[2], "sourceService"));
        Assert.NotNull(list[2]["processedAt"]);
        Assert.Null(list[1]["processedAt"]);
        Assert.Equal("user-7", Text(list[0], "userId"));
        Assert.Null(list[1]["userId"]);

        Assert.Equal([retried], (await ListAsync("?status=processing")).Select(Id));
        Assert.Equal([delivered], (await ListAsync("?status=completed&limit=1")).Select(Id));
        Assert.Empty(await ListAsync("?status=failed"));
        Assert.Equal([skipped, retried], (await ListAsync("?limit=2")).Select(Id));

        var status = await _host.GetAsync($"{VendorHost.Baanx}/events/{delivered}/status");
        Assert.Equal(["id", "eventId", "status", "eventType", "createdAt", "processedAt"], status.AsObject().Select(member => member.Key));
        Assert.Equal("completed", Text(status, "status"));
    }

    [Fact]
    public async Task The_logs_of_an_event_are_those_of_all_its_webhooks()
    {
        var one = await _host.CreateAsync("one");
        var two = await _host.CreateAsync("two");
        var published = await _host.DeliverAsync();
        await _host.DeliverAsync();

        var body = await _host.GetAsync($"{VendorHost.Baanx}/events/{published}/logs");
        Assert.Equal(published, Id(body["event"]!));
        var logs = body["logs"]!.AsArray();
        Assert.Equal(
            new[] { one.Uid, two.Uid }.Order(), logs.Select(log => log!["webhookId"]!.GetValue<Guid>()).Order());
        Assert.All(logs, log => Assert.Equal(published, log!["eventId"]!.GetValue<Guid>()));
        Assert.All(logs, log => Assert.Equal("""{"number":1}""", log!["requestBody"]!.ToJsonString()));
    }

    [Fact]
    public async Task An_event_is_sent_again_to_all_active_webhooks_it_was_for()
    {
        await _host.CreateAsync("one");
        await _host.CreateAsync("two");
        var inactive = await _host.CreateAsync("inactive");
        var published = await _host.DeliverAsync();
        await _host.Registry.DisableAsync(inactive.Id);

        var body = await _host.OkAsync(HttpMethod.Post, $"{VendorHost.Baanx}/events/{published}/retry");
        Assert.Equal(
            $$$"""{"success":true,"data":{"eventId":"{{{published}}}","webhookCount":2,"message":"Event queued for retry to 2 webhook(s)"}}""",
            body.ToJsonString());
        await DocSpace.DocSpaceHost.UntilAsync(() => Task.FromResult(
            _host.Receiver.Received("one").Count == 2 && _host.Receiver.Received("two").Count == 2));
        Assert.Single(_host.Receiver.Received("inactive"));
        Assert.Single(_host.Receiver.Received("one").Select(request => request.Id).Distinct());
    }

    [Fact]
    public async Task An_event_is_sent_again_to_one_webhook()
    {
        await _host.CreateAsync("one");
        var two = await _host.CreateAsync("two");
        var published = await _host.DeliverAsync();

        var body = await _host.OkAsync(HttpMethod.Post, $"{VendorHost.Baanx}/events/{published}/retry", $$"""{"webhookId":"{{two.Uid}}"}""");
        Assert.Equal(1, body["data"]!["webhookCount"]!.GetValue<int>());
        await DocSpace.DocSpaceHost.UntilAsync(() => Task.FromResult(_host.Receiver.Received("two").Count == 2));
        Assert.Single(_host.Receiver.Received("one"));
    }

    [Fact]
    public async Task An_event_cannot_be_sent_to_a_webhook_that_is_not_active()
    {
        var webhook = await _host.CreateAsync("one");
        var published = await _host.DeliverAsync();
        await _host.Registry.DisableAsync(webhook.Id);

        var (status, body) = await _host.SendAsync(
            HttpMethod.Post, $"{VendorHost.Baanx}/events/{published}/retry", $$"""{"webhookId":"{{webhook.Uid}}"}""");
        Assert.Equal((400, "The webhook is not active"), (status, Text(body, "message")));
    }

    [Fact]
    public async Task What_belongs_to_another_tenant_is_not_found()
    {
        await using var host = await VendorHost.StartWithTenantsAsync();
        var theirs = await host.CreateAsync("theirs", tenant: "beta");
        var published = await host.DeliverAsync(tenant: "beta");
        var (alpha, beta) = (("X-Tenants", "alpha"), ("X-Tenants", "beta"));

        foreach (var (method, path, json) in VendorRoutes.Baanx.Where(route => route.Path.Contains("550e", StringComparison.Ordinal)))
        {
            var real = path.Contains("/events/", StringComparison.Ordinal) ? published : theirs.Uid;
            var there = path.Replace("550e8400-e29b-41d4-a716-446655440000", real.ToString(), StringComparison.Ordinal);
            var (unknown, body) = await host.SendAsync(method, path, json, alpha);
            var (foreign, same) = await host.SendAsync(method, there, json, alpha);
            Assert.Equal((404, 404), (unknown, foreign));
            Assert.Equal(body.ToJsonString(), same.ToJsonString());
        }

        Assert.Empty((await host.GetAsync(VendorHost.Baanx, alpha)).AsArray());
        Assert.Empty((await host.GetAsync($"{VendorHost.Baanx}/events", alpha))["events"]!.AsArray());
        Assert.Equal("beta", Text(Assert.Single((await host.GetAsync(VendorHost.Baanx, beta)).AsArray())!, "tenant"));
        Assert.Single((await host.GetAsync($"{VendorHost.Baanx}/events", beta))["events"]!.AsArray());

        var created = await host.OkAsync(
            HttpMethod.Post, VendorHost.Baanx, """{"name":"n","url":"https://example.com/","event_types":["*"],"tenant":"beta"}""", alpha);
        Assert.Equal("alpha", Text(created["data"]!, "tenant"));
    }

    private async Task<List<JsonNode>> ListAsync(string query)
    {
        var body = await _host.GetAsync($"{VendorHost.Baanx}/events{query}");
        var list = body["events"]!.AsArray().Select(item => item!).ToList();
        Assert.Equal(list.Count, body["total"]!.GetValue<int>());
        return list;
    }

    private static Guid Id(JsonNode json) => json["id"]!.GetValue<Guid>();

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();
}
