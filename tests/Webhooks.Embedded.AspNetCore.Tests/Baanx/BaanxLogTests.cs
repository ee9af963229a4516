using System.Text.Json.Nodes;
using Webhooks.Embedded.AspNetCore.Tests.DocSpace;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

public sealed class BaanxLogTests : IAsyncLifetime
{
    private static readonly string[] Members =
    [
        "id", "eventId", "webhookId", "attemptNumber", "requestUrl", "requestHeaders", "requestBody", "responseStatus", "responseBody",
        "errorMessage", "deliveryStatus", "durationMs", "createdAt", "nextRetryAt",
    ];

    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await VendorHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_success_is_one_row_with_what_was_said()
    {
        var webhook = await _host.CreateAsync("kyc");
        var published = await _host.DeliverAsync(json: """{"eventType":"kyc","n":[1,{"a":null}]}""");

        var log = Assert.Single(await LogsAsync(webhook))!;
        Assert.Equal(Members, log.AsObject().Select(member => member.Key));
        Assert.Equal(published, log["eventId"]!.GetValue<Guid>());
        Assert.Equal(webhook.Uid, log["webhookId"]!.GetValue<Guid>());
        Assert.Equal((1, "success", 200), (Number(log, "attemptNumber"), Text(log, "deliveryStatus"), Number(log, "responseStatus")));
        Assert.Equal((webhook.Url, "thanks"), (Text(log, "requestUrl"), Text(log, "responseBody")));
        Assert.Equal("""{"eventType":"kyc","n":[1,{"a":null}]}""", log["requestBody"]!.ToJsonString());
        Assert.Equal(published.ToString(), Text(log["requestHeaders"]!, "webhook-id"));
        Assert.True(Number(log, "durationMs") >= 0);
        Assert.Null(log["errorMessage"]);
        Assert.Null(log["nextRetryAt"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(log, "createdAt"));
    }

    [Fact]
    public async Task A_failure_says_when_the_next_attempt_is_and_that_one_has_a_row_too()
    {
        var webhook = await _host.CreateAsync("kyc");
        _host.Receiver.Answer("kyc", 500);
        await _host.DeliverAsync();

        var logs = await LogsAsync(webhook);
        Assert.Equal(2, logs.Count);
        var (planned, failed) = (logs[0]!, logs[1]!);
        Assert.Equal((1, "failed", 500), (Number(failed, "attemptNumber"), Text(failed, "deliveryStatus"), Number(failed, "responseStatus")));
        Assert.Null(failed["errorMessage"]);
        Assert.InRange(
            failed["nextRetryAt"]!.GetValue<DateTimeOffset>() - failed["createdAt"]!.GetValue<DateTimeOffset>(),
            TimeSpan.FromDays(1),
            TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));

        Assert.Equal((2, "pending"), (Number(planned, "attemptNumber"), Text(planned, "deliveryStatus")));
        foreach (var name in new[] { "responseStatus", "responseBody", "errorMessage", "durationMs", "nextRetryAt" })
        {
            Assert.True(planned.AsObject().ContainsKey(name));
            Assert.Null(planned[name]);
        }
    }

    [Fact]
    public async Task No_answer_at_all_is_told_in_words()
    {
        var webhook = await _host.CreateAsync("gone", url: "http://127.0.0.1:1/");
        await _host.DeliverAsync();

        var failed = (await LogsAsync(webhook))[1]!;
        Assert.Null(failed["responseStatus"]);
        Assert.Null(failed["durationMs"]);
        Assert.Null(failed["responseBody"]);
        Assert.NotEmpty(Text(failed, "errorMessage"));
    }

    [Fact]
    public async Task An_attempt_under_way_is_processing()
    {
        var webhook = await _host.CreateAsync("slow");
        var gate = _host.Receiver.Hang("slow");
        await _host.PublishAsync();
        await DocSpaceHost.UntilAsync(() => Task.FromResult(_host.Receiver.Received("slow").Count == 1));

        var log = Assert.Single(await LogsAsync(webhook))!;
        Assert.Equal((1, "processing"), (Number(log, "attemptNumber"), Text(log, "deliveryStatus")));
        var id = Text(log, "id");

        gate.SetResult();
        await DocSpaceHost.UntilAsync(async () => Text(Assert.Single(await LogsAsync(webhook))!, "deliveryStatus") == "success");
        Assert.Equal(id, Text(Assert.Single(await LogsAsync(webhook))!, "id"));
    }

    [Fact]
    public async Task What_is_no_object_is_shown_as_the_text_that_was_sent()
    {
        var webhook = await _host.CreateAsync("kyc");
        await _host.DeliverAsync(json: "[1, 2]");
        Assert.Equal("[1, 2]", Text(Assert.Single(await LogsAsync(webhook))!, "requestBody"));
    }

    [Fact]
    public async Task An_old_delivery_that_was_retried_a_moment_ago_comes_first()
    {
        var webhook = await _host.CreateAsync("kyc");
        var oldest = await _host.DeliverAsync();
        for (var i = 0; i < 4; i++)
        {
            await _host.DeliverAsync();
        }

        await _host.Deliveries.RetryAsync((await _host.OfAsync(oldest))[0].Id);
        await _host.UntilAttemptedAsync(oldest, 2);

        var logs = await LogsAsync(webhook, "?limit=2");
        Assert.Equal((oldest, 2), (logs[0]!["eventId"]!.GetValue<Guid>(), Number(logs[0]!, "attemptNumber")));
        Assert.NotEqual(oldest, logs[1]!["eventId"]!.GetValue<Guid>());

        var all = await LogsAsync(webhook);
        Assert.Equal(6, all.Count);
        Assert.Equal(oldest, all[5]!["eventId"]!.GetValue<Guid>());
        Assert.Equal(all.Select(log => Text(log!, "createdAt")).OrderDescending(StringComparer.Ordinal), all.Select(log => Text(log!, "createdAt")));
        Assert.Equal(6, all.Select(log => Text(log!, "id")).Distinct().Count());
    }

    [Theory]
    [InlineData("", 50)]
    [InlineData("?limit=1", 1)]
    [InlineData("?limit=25", 25)]
    [InlineData("?limit=100", 100)]
    public async Task There_are_as_many_rows_as_asked_for_and_count_counts_them(string query, int expected)
    {
        var webhook = await _host.CreateAsync("kyc");
        Guid last = default;
        for (var i = 0; i < 101; i++)
        {
            last = await _host.PublishAsync();
        }

        await _host.UntilAttemptedAsync(last, 1);
        var logs = await LogsAsync(webhook, query);
        Assert.Equal(expected, logs.Count);
    }

    [Fact]
    public async Task Only_the_webhooks_own_attempts_are_listed()
    {
        var webhook = await _host.CreateAsync("kyc", "order.paid");
        await _host.CreateAsync("other");
        await _host.DeliverAsync("order.created");
        Assert.Empty(await LogsAsync(webhook));
    }

    private async Task<JsonArray> LogsAsync(Webhook webhook, string query = "")
    {
        var body = await _host.GetAsync($"{VendorHost.Baanx}/{webhook.Uid}/logs{query}");
        var logs = body["logs"]!.AsArray();
        Assert.Equal(["count", "logs"], body.AsObject().Select(member => member.Key));
        Assert.Equal(logs.Count, body["count"]!.GetValue<int>());
        return logs;
    }

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static int Number(JsonNode json, string name) => json[name]!.GetValue<int>();
}
