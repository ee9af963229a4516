using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Bird;

public sealed class BirdWebhookRoutesTests : IAsyncLifetime
{
    private const string Full =
        """{"service":"channels","event":"order.paid","url":"https://example.com/bird","eventFilters":[{"key":"channel","value":"sms"},{"key":"country","value":"NL"}],"template":"t1","signingKey":"KeV+/HGoIQrxuE5YPCRR6AuQOJveldYNNhbVi1i22qk="}""";

    private const string Least = """{"service":"numbers","event":"order.created","url":"https://example.com"}""";
    private const string Organization = "00000000-0000-0000-0000-000000000000";

    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await VendorHost.StartAsync(app => app.MapBirdWebhooks().RequireAuthorization());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_new_subscription_shows_its_key_once()
    {
        var (status, created) = await _host.SendAsync(HttpMethod.Post, VendorHost.Bird, Full);
        Assert.Equal(201, status);
        Assert.Equal(
            [
                "id", "organizationId", "workspaceId", "service", "event", "eventFilters", "template", "url", "signingKey", "status", "createdAt",
                "updatedAt",
            ],
            created.AsObject().Select(member => member.Key));
        Assert.Equal((Organization, VendorHost.Workspace), (Text(created, "organizationId"), Text(created, "workspaceId")));
        Assert.Equal(("channels", "order.paid", "t1"), (Text(created, "service"), Text(created, "event"), Text(created, "template")));
        Assert.Equal("""[{"key":"channel","value":"sms"},{"key":"country","value":"NL"}]""", created["eventFilters"]!.ToJsonString());
        Assert.Equal(("active", "https://example.com/bird"), (Text(created, "status"), Text(created, "url")));
        Assert.Equal("KeV+/HGoIQrxuE5YPCRR6AuQOJveldYNNhbVi1i22qk=", Text(created, "signingKey"));

        var found = await _host.GetAsync($"{VendorHost.Bird}/{Text(created, "id")}");
        Assert.Equal("****2qk=", Text(found, "signingKey"));
        Assert.Equal(found.ToJsonString(), Assert.Single((await _host.GetAsync(VendorHost.Bird))["results"]!.AsArray())!.ToJsonString());
        Assert.Equal(
            found.ToJsonString(), (await _host.GetAsync($"/organizations/{Organization}{VendorHost.Bird}/{Text(created, "id")}")).ToJsonString());

        var stored = Assert.Single((await _host.Registry.ListAsync(new WebhookQuery())).Items);
        Assert.Equal("bird", stored.SignatureProfile);
        Assert.Equal([new WebhookFilter("channel", "sms"), new WebhookFilter("country", "NL")], stored.Filters);
    }

    [Fact]
    public async Task Without_a_key_one_is_made_and_what_there_is_not_is_left_out()
    {
        var created = await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, Least);
        Assert.Equal(32, Convert.FromBase64String(Text(created, "signingKey")).Length);
        Assert.False(created.AsObject().ContainsKey("template"));
        Assert.Equal("[]", created["eventFilters"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"service":"numbers"}""", "service")]
    [InlineData("""{"event":"order.created"}""", "event")]
    [InlineData("""{"eventFilters":[]}""", "eventFilters")]
    [InlineData("""{"eventFilters":null}""", "eventFilters")]
    [InlineData("""{"eventFilters":[{"key":"channel","value":"voice","more":1}]}""", "eventFilters")]
    [InlineData("""{"template":"t2"}""", "template")]
    [InlineData("""{"template":null}""", "template")]
    [InlineData("""{"url":"https://example.com/other"}""", "url")]
    [InlineData("""{"status":"inactive"}""", "status")]
    [InlineData("""{"signingKey":"another-signing-key-of-theirs"}""", "signingKey")]
    [InlineData("""{"unknown":1}""", null)]
    public async Task A_change_touches_only_what_is_given(string json, string? changed)
    {
        var id = Text(await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, Full), "id");
        var before = (await _host.GetAsync($"{VendorHost.Bird}/{id}")).AsObject();
        var after = (await _host.OkAsync(HttpMethod.Patch, $"{VendorHost.Bird}/{id}", json)).AsObject();
        foreach (var (name, value) in before.Where(member => member.Key != "updatedAt"))
        {
            Assert.True(name != changed == JsonNode.DeepEquals(value, after[name]), $"{name}: {after[name]}");
        }

        Assert.Equal(after.ToJsonString(), (await _host.GetAsync($"{VendorHost.Bird}/{id}")).ToJsonString());
    }

    [Fact]
    public async Task What_else_is_in_the_metadata_stays()
    {
        var created = (await _host.Registry.CreateAsync(new WebhookSettings
        {
            Name = "of another API",
            Url = "https://example.com",
            Triggers = ["order.created", "order.paid"],
            Metadata = """{"team":"risk"}""",
        })).Webhook;
        var shown = await _host.GetAsync($"{VendorHost.Bird}/{created.Uid}");
        Assert.Equal("order.created,order.paid", Text(shown, "event"));
        Assert.False(shown.AsObject().ContainsKey("service"));

        await _host.OkAsync(HttpMethod.Patch, $"{VendorHost.Bird}/{created.Uid}", """{"service":"payments"}""");
        var stored = await _host.Registry.FindAsync(created.Id);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"team":"risk","service":"payments"}"""), JsonNode.Parse(stored!.Metadata!)));
        Assert.Equal(("of another API", (string?)null), (stored.Name, stored.SignatureProfile));
    }

    [Fact]
    public async Task A_deleted_subscription_is_not_found_any_more()
    {
        var path = $"{VendorHost.Bird}/{Text(await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, Least), "id")}";
        using var response = await _host.SendRawAsync(HttpMethod.Delete, path, content: null);
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Get, path)).Status);
    }

    [Fact]
    public async Task The_sixth_that_is_alike_is_refused_whatever_the_order_of_its_filters()
    {
        for (var i = 0; i < 5; i++)
        {
            await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, Full);
        }

        var turned = Full.Replace(
            """{"key":"channel","value":"sms"},{"key":"country","value":"NL"}""",
            """{"key":"country","value":"NL"},{"key":"channel","value":"sms"}""",
            StringComparison.Ordinal);
        var (status, body) = await _host.SendAsync(HttpMethod.Post, VendorHost.Bird, turned);
        Assert.Equal((400, "BadRequest"), (status, Text(body, "code")));

        var other = await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, Full.Replace("NL", "DE", StringComparison.Ordinal));
        var path = $"{VendorHost.Bird}/{Text(other, "id")}";
        Assert.Equal(400, (await _host.SendAsync(
            HttpMethod.Patch, path, """{"eventFilters":[{"key":"channel","value":"sms"},{"key":"country","value":"NL"}]}""")).Status);
        await _host.OkAsync(HttpMethod.Patch, path, """{"status":"inactive"}""");
    }

    [Fact]
    public async Task Subscriptions_are_listed_page_by_page()
    {
        var created = new List<Webhook>();
        for (var i = 0; i < 23; i++)
        {
            created.Add(await _host.CreateAsync($"n{i}"));
        }

        var ids = created.OrderBy(webhook => webhook.CreatedAt).ThenBy(webhook => webhook.Uid).Select(webhook => webhook.Uid.ToString());

        foreach (var limit in new[] { "", "limit=1&", "limit=7&", "limit=23&", "limit=100&" })
        {
            var seen = new List<string>();
            string? token = null;
            do
            {
                var page = await _host.GetAsync($"{VendorHost.Bird}?{limit}{(token is null ? "" : $"pageToken={Uri.EscapeDataString(token)}")}");
                seen.AddRange(page["results"]!.AsArray().Select(row => Text(row!, "id")));
                token = page["nextPageToken"]?.GetValue<string>();
            }
            while (token is not null);

            Assert.Equal(ids, seen);
        }
    }

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();
}
