using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceWebhookRoutesTests(DocSpaceHost host) : IClassFixture<DocSpaceHost>
{
    [Fact]
    public async Task What_is_created_is_answered_and_listed_once_with_its_status()
    {
        var body = host.Config("created") with { uri = "https://example.com/created", ssl = true, triggers = 3, targetId = "7" };
        var config = await host.OkAsync(HttpMethod.Post, "webhook", body);

        Assert.Equal("created", config.GetProperty("name").GetString());
        Assert.Equal("https://example.com/created", config.GetProperty("uri").GetString());
        Assert.True(config.GetProperty("enabled").GetBoolean());
        Assert.True(config.GetProperty("ssl").GetBoolean());
        Assert.Equal(3, config.GetProperty("triggers").GetInt64());
        Assert.Equal(["order.created", "order.paid"], Texts(config.GetProperty("triggerNames")));
        Assert.Equal("7", config.GetProperty("targetId").GetString());
        Assert.Equal("api-key", config.GetProperty("createdBy").GetProperty("displayName").GetString());
        Assert.EndsWith("Z", config.GetProperty("createdOn").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-it", config.ToString(), StringComparison.Ordinal);

        var row = Assert.Single((await host.GetAsync("webhook")).EnumerateArray(), row => Id(row) == Id(config));
        Assert.Equal(0, row.GetProperty("status").GetInt32());
        Assert.Equal(config.ToString(), row.GetProperty("configs").ToString());
        Assert.Equal("created", row.GetProperty("name").GetString());
    }

    [Fact]
    public async Task What_is_missing_is_off_and_no_triggers_are_all()
    {
        var config = await host.OkAsync(HttpMethod.Post, "webhook", new ConfigBody("bare", host.Receiver.Url("bare"), "secret-of-it", null));
        Assert.False(config.GetProperty("enabled").GetBoolean());
        Assert.False(config.GetProperty("ssl").GetBoolean());
        Assert.Equal(0, config.GetProperty("triggers").GetInt64());
        Assert.Equal(["*"], Texts(config.GetProperty("triggerNames")));
    }

    [Fact]
    public async Task The_list_is_in_the_order_of_ids_and_counts_its_items()
    {
        await host.CreateAsync("first-of-list");
        await host.CreateAsync("second-of-list");
        var (_, body) = await host.SendAsync(HttpMethod.Get, "webhook");

        var ids = body.GetProperty("response").EnumerateArray().Select(Id).ToArray();
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids.Length, body.GetProperty("count").GetInt32());
        Assert.False(body.TryGetProperty("total", out _));
        Assert.Equal((0, 200), (body.GetProperty("status").GetInt32(), body.GetProperty("statusCode").GetInt32()));
        var link = Assert.Single(body.GetProperty("links").EnumerateArray());
        Assert.Equal($"{host.Url}api/2.0/settings/webhook", link.GetProperty("href").GetString());
        Assert.Equal("GET", link.GetProperty("action").GetString());
    }

    [Fact]
    public async Task A_row_shows_the_status_and_times_of_the_last_attempt()
    {
        var id = await host.CreateAsync("with-status");
        await host.PublishAsync(id, status: 200);
        await host.PublishAsync(id, status: 503);

        var row = Assert.Single((await host.GetAsync("webhook")).EnumerateArray(), row => Id(row) == id);
        Assert.Equal(503, row.GetProperty("status").GetInt32());
        Assert.NotEqual(default, row.GetProperty("lastFailureOn").GetDateTimeOffset());
        Assert.NotEqual(default, row.GetProperty("lastSuccessOn").GetDateTimeOffset());
        Assert.NotEmpty(row.GetProperty("lastFailureContent").GetString()!);
    }

    [Theory]
    [InlineData("{\"uri\":\"https://e.com/\",\"secretKey\":\"secret-1\"}", "name")]
    [InlineData("{\"name\":\"bad\",\"secretKey\":\"secret-1\"}", "uri")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\"}", "secretKey")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\",\"secretKey\":\"short\"}", "secretKey")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"ftp://e.com/\",\"secretKey\":\"secret-1\"}", "uri")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"/relative\",\"secretKey\":\"secret-1\"}", "uri")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"http://e.com/\",\"secretKey\":\"secret-1\",\"ssl\":true}", "ssl")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\",\"secretKey\":\"secret-1\",\"triggers\":4}", "triggers")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\",\"secretKey\":\"secret-1\",\"triggers\":[\"no.such\"]}", "triggers")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\",\"secretKey\":\"whsec_short\"}", "secretKey")]
    [InlineData("{\"name\":\"bad\",\"uri\":\"https://e.com/\",\"secretKey\":\"secret-1\",\"enabled\":\"maybe\"}", "enabled")]
    [InlineData("{\"name\":7}", "name")]
    [InlineData("{\"name\":", "body")]
    [InlineData("null", "body")]
    [InlineData("[]", "body")]
    [InlineData("", "body")]
    public async Task What_cannot_be_created_is_refused_by_its_field(string json, string field)
    {
        using var response = await host.SendTextAsync(HttpMethod.Post, "webhook", json);
        await AssertRefusedAsync(response, field);
    }

    [Fact]
    public async Task A_refusal_is_in_the_envelope_and_has_its_reason_twice()
    {
        var (status, body) = await host.SendAsync(HttpMethod.Post, "webhook", host.Config("refused") with { name = null });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("A name is required.", Assert.Single(Texts(body.GetProperty("response").GetProperty("errors").GetProperty("name"))));
        Assert.Equal("name: A name is required.", body.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal(["message"], body.GetProperty("error").EnumerateObject().Select(member => member.Name));
        Assert.Equal((1, 400), (body.GetProperty("status").GetInt32(), body.GetProperty("statusCode").GetInt32()));
    }

    [Fact]
    public async Task The_same_name_and_uri_twice_is_refused()
    {
        await host.CreateAsync("twice");
        var (status, body) = await host.SendAsync(HttpMethod.Post, "webhook", host.Config("twice"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("exists already", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

        await host.OkAsync(HttpMethod.Post, "webhook", host.Config("twice") with { uri = host.Receiver.Url("another") });
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_is_not_said_to_be_json_is_refused(string contentType)
    {
        using var response = await host.SendTextAsync(HttpMethod.Post, "webhook", "{}", contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal(415, (await JsonAsync(response)).GetProperty("statusCode").GetInt32());
    }

    [Fact]
    public async Task A_body_of_more_than_256_kilobytes_is_refused()
    {
        var name = new string('a', 256 * 1024);
        using var response = await host.SendTextAsync(HttpMethod.Post, "webhook", $$"""{"name":"{{name}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(413, (await JsonAsync(response)).GetProperty("statusCode").GetInt32());
    }

    [Fact]
    public async Task Pages_of_other_sites_change_nothing()
    {
        var before = await host.OkAsync(HttpMethod.Get, "webhook");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{DocSpaceHost.Root}/webhook") { Content = JsonContent.Create(host.Config("forged")) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(1, (await JsonAsync(response)).GetProperty("status").GetInt32());
        Assert.Equal(before.GetArrayLength(), (await host.OkAsync(HttpMethod.Get, "webhook")).GetArrayLength());
    }

    [Fact]
    public async Task A_change_replaces_everything_but_the_secret()
    {
        var id = await host.CreateAsync("before", triggers: 1);
        var config = await host.OkAsync(
            HttpMethod.Put, "webhook", new ConfigBody("after", host.Receiver.Url("after"), null, null) { id = id.ToString(), triggers = "2" });

        Assert.Equal(id, Id(config));
        Assert.Equal("after", config.GetProperty("name").GetString());
        Assert.Equal(2, config.GetProperty("triggers").GetInt64());
        Assert.False(config.GetProperty("enabled").GetBoolean());
        Assert.Equal("api-key", config.GetProperty("createdBy").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Sending_back_what_was_read_changes_nothing()
    {
        var id = await host.CreateAsync("prefix", triggers: new[] { "order.*" });
        var row = Assert.Single((await host.GetAsync("webhook")).EnumerateArray(), row => Id(row) == id);
        Assert.Equal(3, row.GetProperty("triggers").GetInt64());

        var config = await host.OkAsync(HttpMethod.Put, "webhook", row.GetProperty("configs"));
        Assert.Equal(["order.*"], Texts(config.GetProperty("triggerNames")));
        Assert.True(config.GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task Enabling_and_disabling_needs_the_id_only()
    {
        var id = await host.CreateAsync("switch");
        Assert.False((await host.OkAsync(HttpMethod.Put, "webhook/enable", new { id, enabled = false })).GetProperty("enabled").GetBoolean());
        Assert.False((await host.Registry.FindAsync(id))!.Enabled);

        var config = await host.OkAsync(HttpMethod.Put, "webhook/enable", host.Config("another name") with { id = id, triggers = 1 });
        Assert.True(config.GetProperty("enabled").GetBoolean());
        Assert.Equal(("switch", 0), (config.GetProperty("name").GetString(), config.GetProperty("triggers").GetInt64()));
    }

    [Fact]
    public async Task What_is_removed_is_answered_and_gone()
    {
        var id = await host.CreateAsync("removed");
        Assert.Equal("removed", (await host.OkAsync(HttpMethod.Delete, $"webhook/{id}")).GetProperty("name").GetString());

        Assert.DoesNotContain((await host.GetAsync("webhook")).EnumerateArray(), row => Id(row) == id);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Delete, $"webhook/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, "webhook", host.Config("removed") with { id = id })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, "webhook/enable", new { id, enabled = true })).Status);
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("webhook/enable")]
    public async Task A_change_without_an_id_is_refused(string path)
    {
        using var response = await host.SendTextAsync(HttpMethod.Put, path, """{"name":"a","uri":"https://e.com/"}""");
        await AssertRefusedAsync(response, "id");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2147483648")]
    [InlineData("9007199254740991")]
    [InlineData("9223372036854775807")]
    public async Task An_unknown_id_of_any_size_is_not_found(string id)
    {
        var (status, body) = await host.SendAsync(HttpMethod.Delete, $"webhook/{id}");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(404, body.GetProperty("statusCode").GetInt32());
    }

    [Fact]
    public async Task Another_tenants_webhook_is_not_found()
    {
        var other = (await host.Registry.CreateAsync(new WebhookSettings { Tenant = "other", Name = "other", Url = host.Receiver.Url("other"), Triggers = ["*"] })).Webhook;

        Assert.DoesNotContain((await host.GetAsync("webhook")).EnumerateArray(), row => Id(row) == other.Id);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Delete, $"webhook/{other.Id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, "webhook", host.Config("mine") with { id = other.Id })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, "webhook/enable", new { id = other.Id })).Status);
        Assert.True((await host.Registry.FindAsync(other.Id))!.Enabled);
    }

    [Fact]
    public async Task Triggers_are_listed_with_their_numbers() => Assert.Equal(
        """[{"name":"*","id":0,"available":true},{"name":"order.created","id":1,"available":true},{"name":"order.paid","id":2,"available":true},{"name":"user.created","id":128,"available":true}]""",
        (await host.GetAsync("webhook/triggers")).GetRawText());

    [Theory]
    [InlineData("GET", "webhook")]
    [InlineData("POST", "webhook")]
    [InlineData("PUT", "webhook")]
    [InlineData("PUT", "webhook/enable")]
    [InlineData("DELETE", "webhook/1")]
    [InlineData("GET", "webhooks/log")]
    [InlineData("PUT", "webhook/1/retry")]
    [InlineData("PUT", "webhook/retry")]
    [InlineData("GET", "webhook/triggers")]
    public async Task Without_a_key_every_route_is_401_with_an_empty_body(string method, string path)
    {
        using var client = new HttpClient { BaseAddress = host.Url };
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{DocSpaceHost.Root}/{path}");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var body = await JsonAsync(response);
        Assert.Equal(field, Assert.Single(body.GetProperty("response").GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal((1, 400), (body.GetProperty("status").GetInt32(), body.GetProperty("statusCode").GetInt32()));
        Assert.StartsWith($"{field}: ", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Webhooks.Embedded", body.ToString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    private static long Id(JsonElement row) => row.GetProperty("id").GetInt64();

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());
}
