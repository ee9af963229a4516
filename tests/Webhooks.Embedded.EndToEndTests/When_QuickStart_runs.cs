using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_QuickStart_runs(RunningQuickStart quickStart) : IClassFixture<RunningQuickStart>
{
    private readonly QuickStartClient _client = quickStart.Client;

    [Fact]
    public async Task Orders_are_published_with_a_body_and_without()
    {
        var plain = await _client.SendAsync(HttpMethod.Post, "/orders", null, HttpStatusCode.Accepted);
        var given = await _client.SendAsync(HttpMethod.Post, "/orders", new { customer = "Bob", total = 1.5 }, HttpStatusCode.Accepted);

        Assert.Equal(1, plain["deliveries"]!.GetValue<int>());
        Assert.Equal("Bob", given["order"]!["customer"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_sink_gets_the_very_bytes_that_were_published()
    {
        const string Json = """{ "text" : "ü😀\u00fc" , "number":1.50 }""";
        await _client.RegisterAsync($"{_client.Address}sink/bytes", "user.created");

        var id = await _client.PublishAsync("user.created", Encoding.UTF8.GetBytes(Json));
        await Until.TrueAsync(async () => (await _client.SinkAsync("bytes")).Count == 1);

        var request = Assert.Single(await _client.SinkAsync("bytes"));
        Assert.Equal($"{id}", request.Headers["webhook-id"]);
        Assert.Equal(Json, request.Body);
    }

    [Fact]
    public async Task A_sink_fails_when_it_is_told_to_and_recovers_and_the_log_shows_both()
    {
        var webhook = await _client.RegisterAsync($"{_client.Address}sink/failing", "file.uploaded");
        await _client.SendAsync(HttpMethod.Put, "/sink/failing", new { status = 503, delayMs = 1 }, HttpStatusCode.OK);
        await _client.PublishAsync("file.uploaded", "{}"u8.ToArray());
        await Until.TrueAsync(async () => (await _client.LogAsync(webhook)).Single().Status == "exhausted");

        await _client.SendAsync(HttpMethod.Put, "/sink/failing", new { status = 200 }, HttpStatusCode.OK);
        var delivery = (await _client.LogAsync(webhook)).Single();
        await _client.SendAsync(HttpMethod.Post, $"/webhooks/api/deliveries/{delivery.Id}/retry", null, HttpStatusCode.Accepted);
        await Until.TrueAsync(async () => (await _client.LogAsync(webhook)).Single().Status == "delivered");

        Assert.Equal(["http_error", "http_error", "delivered"], await _client.OutcomesAsync(delivery.Id));
    }

    [Fact]
    public async Task A_sink_verifies_with_the_secret_of_whatever_webhook_points_at_it()
    {
        var webhook = await _client.RegisterAsync($"{_client.Address}sink/rotating", "room.deleted");
        await _client.PublishAsync("room.deleted", "{}"u8.ToArray());
        await Until.TrueAsync(async () => (await _client.SinkAsync("rotating")).Count == 1);

        await _client.SendAsync(HttpMethod.Post, $"/webhooks/api/webhooks/{webhook}/rotate-secret", new { overlapSeconds = 0 }, HttpStatusCode.OK);
        await _client.PublishAsync("room.deleted", "{}"u8.ToArray());
        await Until.TrueAsync(async () => (await _client.SinkAsync("rotating")).Count == 2);

        Assert.All(await _client.SinkAsync("rotating"), request => Assert.True(request.Verified, request.Reason));
    }

    [Fact]
    public async Task A_sink_verifies_another_sender_once_it_has_its_secret_and_says_why_not_before()
    {
        using var http = new HttpClient { BaseAddress = _client.Address };

        await SendSignedAsync(http, "/sink/foreign");
        await _client.SendAsync(HttpMethod.Put, "/sink/foreign", new { secret = "another sender's" }, HttpStatusCode.OK);
        await SendSignedAsync(http, "/sink/foreign");
        await _client.SendAsync(HttpMethod.Put, "/sink/foreign", new { secret = Receiver.Secret }, HttpStatusCode.OK);
        await SendSignedAsync(http, "/sink/foreign");

        var requests = await _client.SinkAsync("foreign");
        Assert.Equal([true, false, false], requests.Select(request => request.Verified));
        Assert.Contains("No signature matches", requests[1].Reason, StringComparison.Ordinal);
        Assert.Contains("no webhook points here", requests[2].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/publish/no.such.trigger", "{}")]
    [InlineData("POST", "/publish/order.paid", "{")]
    [InlineData("POST", "/publish/order.paid", "")]
    [InlineData("POST", "/orders", """{"total":"much"}""")]
    [InlineData("PUT", "/sink/refusing", """{"status":99}""")]
    [InlineData("PUT", "/sink/refusing", """{"status":"ok"}""")]
    [InlineData("PUT", "/sink/refusing", """{"delayMs":-1}""")]
    [InlineData("PUT", "/sink/refusing", """{"secret":"whsec_?"}""")]
    public async Task What_makes_no_sense_is_refused_with_a_reason(string method, string path, string body)
    {
        using var http = new HttpClient { BaseAddress = _client.Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"detail\":", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_used_again_publishes_once_and_never_something_else()
    {
        using var http = new HttpClient { BaseAddress = _client.Address };
        http.DefaultRequestHeaders.Add("Idempotency-Key", "one-order");

        using var first = await http.PostAsync("/publish/order.paid?target=17", new StringContent("{}"));
        using var again = await http.PostAsync("/publish/order.paid?target=17", new StringContent("{}"));
        using var other = await http.PostAsync("/publish/order.paid?target=17", new StringContent("[]"));

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(await QuickStartClient.IdIn(first), await QuickStartClient.IdIn(again));
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    [Theory]
    [InlineData("/webhooks/api/deliveries")]
    [InlineData("/api/2.0/settings/webhook")]
    public async Task Managing_needs_the_key(string path)
    {
        using var http = new HttpClient { BaseAddress = _client.Address };

        using var without = await http.GetAsync(path);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "another-key");
        using var wrong = await http.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        await _client.GetAsync(path);
    }

    private static async Task SendSignedAsync(HttpClient http, string path)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var key = Convert.FromBase64String(Receiver.Secret["whsec_".Length..]);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"msg_1.{now}.{{}}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}") };
        request.Headers.Add("webhook-id", "msg_1");
        request.Headers.Add("webhook-timestamp", $"{now}");
        request.Headers.Add("webhook-signature", $"v1,{signature}");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}
