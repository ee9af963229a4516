using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Baanx;

public sealed class BaanxWebhookRoutesTests : IAsyncLifetime
{
    private const string Full =
        """{"name":"KYC","url":"https://example.com/kyc","event_types":["order.*","user.created"],"is_active":true,"metadata":{"team":"risk","n":[1,{"a":null}]}}""";

    private const string Mask = "whk_****...****";

    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await VendorHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_new_webhook_shows_its_key_once()
    {
        var (status, created) = await _host.SendAsync(HttpMethod.Post, VendorHost.Baanx, Full);
        Assert.Equal(201, status);
        Assert.True(created["success"]!.GetValue<bool>());
        var webhook = created["data"]!;
        var key = Text(webhook, "apiKey");
        Assert.Matches("^whk_[a-z0-9]{32}$", key);
        Assert.Equal(
            ["id", "tenant", "name", "url", "apiKey", "eventTypes", "isActive", "metadata", "createdAt", "updatedAt"],
            webhook.AsObject().Select(member => member.Key));
        Assert.Equal(("KYC", "https://example.com/kyc", true), (Text(webhook, "name"), Text(webhook, "url"), webhook["isActive"]!.GetValue<bool>()));
        Assert.Equal("""["order.*","user.created"]""", webhook["eventTypes"]!.ToJsonString());
        Assert.Equal("""{"team":"risk","n":[1,{"a":null}]}""", webhook["metadata"]!.ToJsonString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(webhook, "createdAt"));

        var path = $"{VendorHost.Baanx}/{Text(webhook, "id")}";
        var found = await _host.GetAsync(path);
        Assert.Equal(Mask + key[^4..], Text(found, "apiKey"));
        var listed = Assert.Single((await _host.GetAsync(VendorHost.Baanx)).AsArray());
        Assert.Equal(found.ToJsonString(), listed!.ToJsonString());
        var changed = await _host.OkAsync(HttpMethod.Put, path, """{"is_active":false}""");
        Assert.Equal(Mask + key[^4..], Text(changed["data"]!, "apiKey"));

        var stored = Assert.Single((await _host.Registry.ListAsync(new WebhookQuery())).Items);
        Assert.Equal(("baanx", "api-key"), (stored.SignatureProfile, stored.CreatedBy));
        Assert.Equal([key], await _host.Registry.RevealSecretsAsync(stored.Id));
    }

    [Fact]
    public async Task What_is_left_out_on_creation_is_off_and_empty()
    {
        var webhook = (await _host.OkAsync(
            HttpMethod.Post, VendorHost.Baanx, """{"name":"KYC","url":"https://example.com/kyc","event_types":["*"],"unknown":1}"""))["data"]!;
        Assert.False(webhook["isActive"]!.GetValue<bool>());
        Assert.Equal("{}", webhook["metadata"]!.ToJsonString());
        Assert.Equal("", Text(webhook, "tenant"));
    }

    [Theory]
    [InlineData("""{"name":"Other"}""", "name")]
    [InlineData("""{"url":"https://example.com/other"}""", "url")]
    [InlineData("""{"event_types":["order.paid"]}""", "eventTypes")]
    [InlineData("""{"is_active":false}""", "isActive")]
    [InlineData("""{"metadata":{"team":"other"}}""", "metadata")]
    [InlineData("""{"metadata":null}""", "metadata")]
    [InlineData("{}", null)]
    public async Task A_change_touches_only_what_is_given(string json, string? changed)
    {
        var before = (await _host.OkAsync(HttpMethod.Post, VendorHost.Baanx, Full))["data"]!.AsObject();
        var (status, body) = await _host.SendAsync(HttpMethod.Put, $"{VendorHost.Baanx}/{Text(before, "id")}", json);
        Assert.Equal((200, true), (status, body["success"]!.GetValue<bool>()));

        var after = body["data"]!.AsObject();
        foreach (var (name, value) in before.Where(member => member.Key is not ("apiKey" or "updatedAt")))
        {
            Assert.Equal(name != changed, JsonNode.DeepEquals(value, after[name]));
        }
    }

    [Fact]
    public async Task A_rotated_key_is_shown_once_and_the_old_one_is_dead()
    {
        var created = (await _host.OkAsync(HttpMethod.Post, VendorHost.Baanx, Full))["data"]!;
        var path = $"{VendorHost.Baanx}/{Text(created, "id")}";
        var rotated = (await _host.OkAsync(HttpMethod.Post, $"{path}/rotate-key"))["data"]!;

        var key = Text(rotated, "apiKey");
        Assert.Matches("^whk_[a-z0-9]{32}$", key);
        Assert.NotEqual(Text(created, "apiKey"), key);
        Assert.Equal([key], await _host.Registry.RevealSecretsAsync(1));
        Assert.Equal(Mask + key[^4..], Text(await _host.GetAsync(path), "apiKey"));
    }

    [Fact]
    public async Task A_deleted_webhook_is_not_found_any_more()
    {
        var created = (await _host.OkAsync(HttpMethod.Post, VendorHost.Baanx, Full))["data"]!;
        var path = $"{VendorHost.Baanx}/{Text(created, "id")}";
        Assert.Equal("""{"success":true}""", (await _host.OkAsync(HttpMethod.Delete, path)).ToJsonString());
        Assert.Equal((404, "Webhook config not found"), await RefusedAsync(HttpMethod.Delete, path));
        Assert.Equal((404, "Webhook config not found"), await RefusedAsync(HttpMethod.Get, path));
    }

    [Fact]
    public async Task The_sixth_webhook_of_a_tenant_is_refused()
    {
        for (var i = 0; i < 5; i++)
        {
            await _host.OkAsync(HttpMethod.Post, VendorHost.Baanx, Full);
        }

        await _host.CreateAsync("of-another", tenant: "another");
        Assert.Equal((400, "Maximum webhook limit (5) reached for this tenant"), await RefusedAsync(HttpMethod.Post, VendorHost.Baanx, Full));
        Assert.Equal(5, (await _host.GetAsync(VendorHost.Baanx)).AsArray().Count);
    }

    [Fact]
    public async Task Two_who_create_at_once_do_not_both_get_the_last_place()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => (await _host.SendAsync(HttpMethod.Post, VendorHost.Baanx, Full)).Status));
        Assert.Equal((5, 7), (statuses.Count(status => status == 201), statuses.Count(status => status == 400)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task The_limit_must_make_sense(int limit)
    {
        await using var app = WebApplication.Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => app.MapBaanxWebhooks("/v1/webhooks", options => options.MaxWebhooks = limit));
    }

    [Fact]
    public async Task Mapping_names_the_missing_call()
    {
        await using var app = WebApplication.Create();
        var e = Assert.Throws<InvalidOperationException>(() => app.MapBaanxWebhooks("/v1/webhooks"));
        Assert.Contains("AddWebhooks()", e.Message, StringComparison.Ordinal);
    }

    private async Task<(int Status, string Message)> RefusedAsync(HttpMethod method, string path, string? json = null)
    {
        var (status, body) = await _host.SendAsync(method, path, json);
        return (status, Text(body, "message"));
    }

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();
}
