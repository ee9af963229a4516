using System.Net;
using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceLogRoutesTests(DocSpaceHost host) : IClassFixture<DocSpaceHost>
{
    [Fact]
    public async Task A_log_shows_what_was_sent_and_what_came_back()
    {
        var webhook = await host.CreateAsync("whole", triggers: 1);
        await host.PublishAsync(webhook, status: 500);

        var log = Assert.Single(await LogsAsync($"configId={webhook}"));
        Assert.Equal("whole", log.GetProperty("configName").GetString());
        Assert.Equal(1, log.GetProperty("trigger").GetInt64());
        Assert.Equal("order.created", log.GetProperty("triggerName").GetString());
        Assert.Equal("""{"number":0}""", log.GetProperty("requestPayload").GetString());
        Assert.Equal("thanks", log.GetProperty("responsePayload").GetString());
        Assert.Equal(500, log.GetProperty("status").GetInt32());
        Assert.True(log.GetProperty("delivery").GetDateTimeOffset() >= log.GetProperty("creationTime").GetDateTimeOffset());
        Assert.EndsWith("Z", log.GetProperty("delivery").GetString(), StringComparison.Ordinal);

        var sent = JsonElement.Parse(log.GetProperty("requestHeaders").GetString()!);
        Assert.Equal(host.Receiver.Received("whole").Single().Id, sent.GetProperty("webhook-id")[0].GetString());
        var answered = JsonElement.Parse(log.GetProperty("responseHeaders").GetString()!);
        Assert.All(answered.EnumerateObject(), header => Assert.Equal(JsonValueKind.Array, header.Value.ValueKind));
        Assert.False(log.TryGetProperty("method", out _));
    }

    [Fact]
    public async Task Logs_come_newest_first_by_pages_with_their_total()
    {
        var webhook = await host.CreateAsync("paged", triggers: 1);
        await host.PublishAsync(webhook, times: 5);

        var (_, first) = await host.SendAsync(HttpMethod.Get, $"webhooks/log?configId={webhook}&count=2");
        var (_, last) = await host.SendAsync(HttpMethod.Get, $"webhooks/log?configId={webhook}&count=2&startIndex=4");
        var (_, beyond) = await host.SendAsync(HttpMethod.Get, $"webhooks/log?configId={webhook}&count=2&startIndex=9");
        var all = (await LogsAsync($"configId={webhook}")).Select(Id).ToArray();

        Assert.Equal(all.OrderDescending(), all);
        Assert.Equal(all[..2], first.GetProperty("response").EnumerateArray().Select(Id));
        Assert.Equal(all[4..], last.GetProperty("response").EnumerateArray().Select(Id));
        Assert.Equal((2, 5), (first.GetProperty("count").GetInt32(), first.GetProperty("total").GetInt32()));
        Assert.Equal((1, 5), (last.GetProperty("count").GetInt32(), last.GetProperty("total").GetInt32()));
        Assert.Equal((0, 5), (beyond.GetProperty("count").GetInt32(), beyond.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task Each_filter_finds_its_own()
    {
        var webhook = await host.CreateAsync("filtered", triggers: 3);
        await host.PublishAsync(webhook, "order.created", status: 200);
        await host.PublishAsync(webhook, "order.paid", status: 404);
        await host.PublishAsync(webhook, "order.paid", status: 503);
        await host.PublishAsync(webhook, "order.paid", status: 302);
        var logs = await LogsAsync($"configId={webhook}");
        var byStatus = logs.ToDictionary(log => log.GetProperty("status").GetInt32(), Id);

        await FindsAsync("trigger=1", byStatus[200]);
        await FindsAsync("trigger=2", byStatus[302], byStatus[503], byStatus[404]);
        await FindsAsync("trigger=3");
        await FindsAsync("trigger=64");
        await FindsAsync($"eventId={byStatus[404]}", byStatus[404]);
        await FindsAsync($"hookUri={Uri.EscapeDataString(host.Receiver.Url("filtered"))}", [.. logs.Select(Id)]);
        await FindsAsync($"hookUri={Uri.EscapeDataString(host.Receiver.Url("filtere"))}");
        await FindsAsync("userId=api-key", [.. logs.Select(Id)]);
        await FindsAsync("userId=nobody");
        await FindsAsync("groupStatus=Failed", byStatus[302], byStatus[503], byStatus[404]);
        await FindsAsync("groupStatus=Succeeded", byStatus[200]);
        await FindsAsync("groupStatus=Status3xx", byStatus[302]);
        await FindsAsync("groupStatus=24", byStatus[503], byStatus[404]);
        await FindsAsync("groupStatus=status4xx,Status2xx", byStatus[404], byStatus[200]);
        await FindsAsync("groupStatus=NotSent");

        var delivery = logs.Single(log => Id(log) == byStatus[503]).GetProperty("delivery").GetString();
        Assert.Contains(byStatus[503], (await LogsAsync($"configId={webhook}&deliveryFrom={delivery}&deliveryTo={delivery}")).Select(Id));
        await FindsAsync("deliveryTo=2020-01-01");
        await FindsAsync("deliveryFrom=2020-01-01T00:00:00.0000000+04:00", [.. logs.Select(Id)]);

        async Task FindsAsync(string filter, params long[] expected) =>
            Assert.Equal(expected, (await LogsAsync($"configId={webhook}&{filter}")).Select(Id));
    }

    [Fact]
    public async Task What_got_no_answer_has_status_0_and_is_not_sent_and_failed()
    {
        var webhook = Id(await host.OkAsync(HttpMethod.Post, "webhook", host.Config("closed") with { uri = "http://localhost:1/", triggers = 1 }));
        await host.PublishAsync(webhook);

        var log = Assert.Single(await LogsAsync($"configId={webhook}&groupStatus=Failed"));
        Assert.Equal(0, log.GetProperty("status").GetInt32());
        Assert.NotEmpty(log.GetProperty("responsePayload").GetString()!);
        Assert.True(log.TryGetProperty("delivery", out _));
        Assert.Single(await LogsAsync($"configId={webhook}&groupStatus=NotSent"));
        Assert.Empty(await LogsAsync($"configId={webhook}&groupStatus=Status5xx"));
    }

    [Fact]
    public async Task What_was_never_attempted_is_pending_and_not_failed()
    {
        var webhook = await host.CreateAsync("hanging", triggers: 1);
        var gate = host.Receiver.Hang("hanging");
        await host.Publisher.PublishAsync("order.created", new { number = 1 });

        var log = Assert.Single(await LogsAsync($"configId={webhook}&groupStatus=Pending"));
        Assert.Equal(0, log.GetProperty("status").GetInt32());
        Assert.False(log.TryGetProperty("delivery", out _));
        Assert.False(log.TryGetProperty("requestHeaders", out _));
        Assert.Empty(await LogsAsync($"configId={webhook}&groupStatus=Failed"));
        gate.SetResult();
    }

    [Fact]
    public async Task An_unknown_webhook_has_no_logs_and_that_is_no_error()
    {
        var (status, body) = await host.SendAsync(HttpMethod.Get, "webhooks/log?configId=987654321&groupStatus=Failed");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("[]", body.GetProperty("response").GetRawText());
        Assert.Equal(0, body.GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("count=0", "count")]
    [InlineData("count=101", "count")]
    [InlineData("startIndex=-1", "startIndex")]
    [InlineData("groupStatus=Broken", "groupStatus")]
    [InlineData("groupStatus=64", "groupStatus")]
    [InlineData("deliveryFrom=soon", "deliveryFrom")]
    public async Task A_filter_that_cannot_be_used_is_refused_by_its_name(string query, string name)
    {
        var (status, body) = await host.SendAsync(HttpMethod.Get, $"webhooks/log?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal((1, 400), (body.GetProperty("status").GetInt32(), body.GetProperty("statusCode").GetInt32()));
        Assert.Equal(name, Assert.Single(body.GetProperty("response").GetProperty("errors").EnumerateObject()).Name);
    }

    private async Task<JsonElement[]> LogsAsync(string query) => [.. (await host.GetAsync($"webhooks/log?{query}")).EnumerateArray()];

    private static long Id(JsonElement row) => row.GetProperty("id").GetInt64();
}
