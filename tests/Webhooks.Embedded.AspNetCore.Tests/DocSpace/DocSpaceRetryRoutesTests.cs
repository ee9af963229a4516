using System.Net;
using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceRetryRoutesTests(DocSpaceHost host) : IClassFixture<DocSpaceHost>
{
    [Fact]
    public async Task A_retry_sends_the_same_delivery_again_and_answers_with_what_came_of_it()
    {
        var webhook = await host.CreateAsync("recovers", triggers: 1);
        await host.PublishAsync(webhook, status: 500);
        var failed = Assert.Single(await LogsAsync(webhook));
        host.Receiver.Answer("recovers", 200);

        var retried = await host.OkAsync(HttpMethod.Put, $"webhook/{Id(failed)}/retry");

        Assert.Equal(Id(failed), Id(retried));
        Assert.Equal(200, Status(retried));
        Assert.True(retried.GetProperty("delivery").GetDateTimeOffset() >= failed.GetProperty("delivery").GetDateTimeOffset());
        Assert.Equal(retried.ToString(), Assert.Single(await LogsAsync(webhook)).ToString());
        Assert.Equal("""{"number":0}""", retried.GetProperty("requestPayload").GetString());

        var received = host.Receiver.Received("recovers");
        Assert.Equal(2, received.Count);
        Assert.Equal(received[0], received[1]);
    }

    [Fact]
    public async Task A_retry_that_fails_again_says_so()
    {
        var webhook = await host.CreateAsync("stays-broken", triggers: 1);
        await host.PublishAsync(webhook, status: 500);
        host.Receiver.Answer("stays-broken", 503);

        Assert.Equal(503, Status(await host.OkAsync(HttpMethod.Put, $"webhook/{Id(Assert.Single(await LogsAsync(webhook)))}/retry")));
    }

    [Fact]
    public async Task A_delivered_log_is_sent_once_more_when_it_is_asked_for_alone()
    {
        var webhook = await host.CreateAsync("again", triggers: 1);
        await host.PublishAsync(webhook, status: 200);

        Assert.Equal(200, Status(await host.OkAsync(HttpMethod.Put, $"webhook/{Id(Assert.Single(await LogsAsync(webhook)))}/retry")));
        Assert.Equal(2, host.Receiver.Received("again").Count);
    }

    [Fact]
    public async Task Many_come_back_in_the_order_asked_for_and_the_unknown_and_doubled_do_not()
    {
        var webhook = await host.CreateAsync("many", triggers: 1);
        await host.PublishAsync(webhook, times: 4, status: 500);
        var ids = (await LogsAsync(webhook)).Select(Id).ToArray();
        host.Receiver.Answer("many", 200);
        long[] asked = [ids[2], 9007199254740991, ids[0], ids[2], -1, ids[3], ids[1]];

        var (_, body) = await host.SendAsync(HttpMethod.Put, "webhook/retry", new { ids = asked });

        var rows = body.GetProperty("response").EnumerateArray().ToArray();
        Assert.Equal([ids[2], ids[0], ids[3], ids[1]], rows.Select(Id));
        Assert.All(rows, row => Assert.Equal(200, Status(row)));
        Assert.All(rows, row => Assert.True(row.TryGetProperty("requestPayload", out _)));
        Assert.Equal(4, body.GetProperty("count").GetInt32());
        Assert.Equal(8, host.Receiver.Received("many").Count);
    }

    [Fact]
    public async Task Many_leave_alone_what_was_delivered()
    {
        var webhook = await host.CreateAsync("some", triggers: 1);
        await host.PublishAsync(webhook, status: 200);
        await host.PublishAsync(webhook, status: 500);
        host.Receiver.Answer("some", 200);

        var rows = (await host.OkAsync(HttpMethod.Put, "webhook/retry", new { ids = (await LogsAsync(webhook)).Select(Id) })).EnumerateArray().ToArray();

        Assert.Equal([200, 200], rows.Select(Status));
        Assert.Equal(3, host.Receiver.Received("some").Count);
    }

    [Fact]
    public async Task When_the_time_is_over_the_answer_has_status_0_and_the_retry_goes_on()
    {
        await using var impatient = new DocSpaceHost { RetryWait = TimeSpan.FromMilliseconds(50) };
        await impatient.InitializeAsync();
        var webhook = await impatient.CreateAsync("slow", triggers: 1);
        await impatient.PublishAsync(webhook, status: 500);
        var id = Id(Assert.Single((await impatient.GetAsync($"webhooks/log?configId={webhook}")).EnumerateArray()));
        impatient.Receiver.Answer("slow", 200);
        var gate = impatient.Receiver.Hang("slow");

        var row = await impatient.OkAsync(HttpMethod.Put, $"webhook/{id}/retry");
        Assert.Equal((id, 0), (Id(row), Status(row)));
        Assert.False(row.TryGetProperty("delivery", out _));

        gate.SetResult();
        await DocSpaceHost.UntilAsync(async () => (await impatient.Deliveries.FindAsync(id))!.Status == WebhookDeliveryStatus.Delivered);
        Assert.Equal(2, impatient.Receiver.Received("slow").Count);
    }

    [Theory]
    [InlineData("1234567")]
    [InlineData("2147483648")]
    [InlineData("9223372036854775807")]
    public async Task An_unknown_log_of_any_size_is_not_found(string id) =>
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, $"webhook/{id}/retry")).Status);

    [Fact]
    public async Task Log_0_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync(HttpMethod.Put, "webhook/0/retry")).Status);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"ids\":null}")]
    [InlineData("{\"ids\":7}")]
    [InlineData("{\"ids\":[\"x\"]}")]
    public async Task Many_without_ids_are_refused(string json)
    {
        using var response = await host.SendTextAsync(HttpMethod.Put, "webhook/retry", json);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("ids", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_ids_are_taken_as_text_as_well_and_one_more_is_refused()
    {
        var ids = Enumerable.Range(1_000_000, 1000).Select(id => id.ToString()).ToArray();
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Put, "webhook/retry", new { ids })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.SendAsync(HttpMethod.Put, "webhook/retry", new { ids = ids.Append("1") })).Status);
        Assert.Equal(0, (await host.OkAsync(HttpMethod.Put, "webhook/retry", new { ids = Array.Empty<long>() })).GetArrayLength());
    }

    [Fact]
    public async Task A_disabled_webhook_gets_no_retry_and_the_answer_says_why()
    {
        var webhook = await host.CreateAsync("disabled", triggers: 1);
        await host.PublishAsync(webhook, status: 500);
        var id = Id(Assert.Single(await LogsAsync(webhook)));
        await host.OkAsync(HttpMethod.Put, "webhook/enable", new { id = webhook, enabled = false });

        var (status, body) = await host.SendAsync(HttpMethod.Put, $"webhook/{id}/retry");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("disabled", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

        var row = Assert.Single((await host.OkAsync(HttpMethod.Put, "webhook/retry", new { ids = new[] { id } })).EnumerateArray());
        Assert.Equal((id, 500), (Id(row), Status(row)));
    }

    [Fact]
    public async Task Another_tenants_log_is_not_found()
    {
        var other = (await host.Registry.CreateAsync(new WebhookSettings { Tenant = "other", Name = "theirs", Url = host.Receiver.Url("theirs"), Triggers = ["*"] })).Webhook;
        await host.Publisher.PublishAsync("order.created", new { number = 1 }, new PublishOptions { Tenant = "other" }, TestContext.Current.CancellationToken);
        var id = (await host.Deliveries.ListAsync(new WebhookDeliveryQuery { WebhookId = other.Id })).Items.Single().Id;

        Assert.Empty(await LogsAsync(other.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, $"webhook/{id}/retry")).Status);
        Assert.Equal(0, (await host.OkAsync(HttpMethod.Put, "webhook/retry", new { ids = new[] { id } })).GetArrayLength());
    }

    private async Task<JsonElement[]> LogsAsync(long webhook) => [.. (await host.GetAsync($"webhooks/log?configId={webhook}")).EnumerateArray()];

    private static long Id(JsonElement row) => row.GetProperty("id").GetInt64();

    private static int Status(JsonElement row) => row.GetProperty("status").GetInt32();
}
