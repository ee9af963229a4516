using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

/// <summary>Each is refused by its name, and nothing is stored.</summary>
public sealed class BaanxBadInputTests : IAsyncLifetime
{
    private const string Unknown = "550e8400-e29b-41d4-a716-446655440000";

    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await VendorHost.StartAsync(app => app.MapBaanxWebhooks(VendorHost.Baanx).RequireAuthorization());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    public static TheoryData<string, string> Bodies => new()
    {
        { "{}", "name:" },
        { """{"url":"https://example.com/","event_types":["*"]}""", "name:" },
        { """{"name":" ","url":"https://example.com/","event_types":["*"]}""", "name:" },
        { """{"name":null,"url":"https://example.com/","event_types":["*"]}""", "name:" },
        { """{"name":7,"url":"https://example.com/","event_types":["*"],"extra":1}""", "name:" },
        { $$"""{"name":"{{new string('n', 256)}}","url":"https://example.com/","event_types":["*"]}""", "name:" },
        { """{"name":"n","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"http://example.com/","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"HTTP://example.com/","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"ftp://example.com/","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"https://user:pw@example.com/","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"https://","event_types":["*"]}""", "url:" },
        { """{"name":"n","url":["https://example.com/"],"event_types":["*"]}""", "url:" },
        { """{"name":"n","url":"https://example.com/"}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":[]}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":null}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":"*"}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":[null]}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":[1]}""", "event_types[0]:" },
        { """{"name":"n","url":"https://example.com/","event_types":["no.such"]}""", "event_types:" },
        { """{"name":"n","url":"https://example.com/","event_types":["*"],"is_active":"true"}""", "is_active:" },
        { """{"name":"n","url":"https://example.com/","event_types":["*"],"is_active":1}""", "is_active:" },
        { """{"name":"n","url":"https://example.com/","event_types":["*"],"is_active":null}""", "is_active:" },
        { """{"name":"n","url":"https://example.com/","event_types":["*"],"metadata":"x"}""", "metadata:" },
        { """{"name":"n","url":"https://example.com/","event_types":["*"],"metadata":[1]}""", "metadata:" },
        { """{"name":"n","name":"m","url":"https://example.com/","event_types":["*"]}""", "name:" },
        { "[]", "body:" },
        { "null", "body:" },
        { "7", "body:" },
        { "{", "JSON" },
        { "", "JSON" },
        { """{"name":"n",}""", "JSON" },
        { "{\"x\":" + new string('[', 1000) + new string(']', 1000) + "}", "JSON" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_by_name(string json, string named)
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, VendorHost.Baanx, json);
        Assert.Equal((400, true), (status, body["message"]!.GetValue<string>().Contains(named, StringComparison.Ordinal)));
        Assert.Empty((await _host.Registry.ListAsync(new WebhookQuery())).Items);
    }

    [Fact]
    public async Task Bodies_beyond_the_limit_or_not_in_UTF8_are_refused()
    {
        var (status, _) = await _host.SendAsync(HttpMethod.Post, VendorHost.Baanx, $$"""{"name":"{{new string('n', 256 * 1024)}}"}""");
        Assert.Equal(413, status);

        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var response = await _host.SendRawAsync(HttpMethod.Post, VendorHost.Baanx, content);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("UTF-8", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("abc")]
    [InlineData("550e8400-e29b-41d4-a716")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000%20")]
    [InlineData("gggggggg-gggg-gggg-gggg-gggggggggggg")]
    [InlineData("1%20OR%201=1")]
    public async Task An_id_that_is_no_UUID_is_refused_and_an_unknown_one_is_not_found(string bad)
    {
        foreach (var (method, path, json) in VendorRoutes.Baanx.Where(route => route.Path.Contains(Unknown, StringComparison.Ordinal)))
        {
            var isEvent = path.Contains("/events/", StringComparison.Ordinal);
            var (status, body) = await _host.SendAsync(method, path.Replace(Unknown, bad, StringComparison.Ordinal), json);
            Assert.Equal((400, $"{(isEvent ? "eventId" : "id")} must be a valid UUID"), (status, body["message"]!.GetValue<string>()));

            (status, body) = await _host.SendAsync(method, path, json);
            Assert.Equal((404, isEvent ? "Event not found" : "Webhook config not found"), (status, body["message"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("limit=0", "limit must be an integer between 1 and 100")]
    [InlineData("limit=101", "limit must be an integer between 1 and 100")]
    [InlineData("limit=-1", "limit must be an integer between 1 and 100")]
    [InlineData("limit=many", "limit must be an integer between 1 and 100")]
    [InlineData("limit=", "limit must be an integer between 1 and 100")]
    [InlineData("limit=1e1", "limit must be an integer between 1 and 100")]
    [InlineData("limit=2147483648", "limit must be an integer between 1 and 100")]
    [InlineData("limit=10&limit=20", "limit must be an integer between 1 and 100")]
    public async Task A_limit_out_of_range_is_refused(string query, string message)
    {
        var webhook = await _host.CreateAsync("logs");
        foreach (var path in new[] { $"{webhook.Uid}/logs", "events" })
        {
            var (status, body) = await _host.SendAsync(HttpMethod.Get, $"{VendorHost.Baanx}/{path}?{query}");
            Assert.Equal((400, message), (status, body["message"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task An_unknown_status_is_refused()
    {
        foreach (var status in new[] { "done", "", "1", "Pending" })
        {
            var (code, body) = await _host.SendAsync(HttpMethod.Get, $"{VendorHost.Baanx}/events?status={status}");
            Assert.Equal((400, "status must be one of pending, processing, completed, failed, skipped"), (code, body["message"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("""{"webhookId":"x"}""", 400, "webhookId must be a valid UUID")]
    [InlineData("""{"webhookId":7}""", 400, null)]
    [InlineData("""{"webhookId":"550e8400-e29b-41d4-a716-446655440000"}""", 404, "Webhook config not found")]
    public async Task A_retry_to_a_webhook_that_is_none_is_refused(string json, int expected, string? message)
    {
        var published = await _host.PublishAsync();
        var (status, body) = await _host.SendAsync(HttpMethod.Post, $"{VendorHost.Baanx}/events/{published}/retry", json);
        Assert.Equal(expected, status);
        Assert.Equal(message ?? body["message"]!.GetValue<string>(), body["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Where_nobody_delivers_every_request_is_told_so()
    {
        await using var host = await VendorHost.StartAsync(add: webhooks => webhooks.WithoutDispatcher());
        foreach (var (method, path, json) in VendorRoutes.Baanx)
        {
            var (status, body) = await host.SendAsync(method, path, json);
            Assert.Equal((503, "Notification service is not configured for this environment"), (status, body["message"]!.GetValue<string>()));
        }

        host.Client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(401, (await host.SendAsync(HttpMethod.Get, VendorHost.Baanx)).Status);
    }

    [Fact]
    public async Task A_node_that_others_deliver_for_can_say_so()
    {
        await using var host = await VendorHost.StartAsync(
            app => app.MapBaanxWebhooks(VendorHost.Baanx, options => options.DeliveredElsewhere = true).RequireAuthorization(),
            webhooks => webhooks.WithoutDispatcher());
        Assert.Empty((await host.GetAsync(VendorHost.Baanx)).AsArray());
    }
}
