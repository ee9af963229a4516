using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

/// <summary>
/// The calls of the scripts in DocSpace's documentation, in their order and with their headers: "View all webhooks and their status",
/// "View webhook delivery logs and filter failures", "Retry failed webhook deliveries". One webhook, whose receiver failed and recovered.
/// </summary>
public sealed class Docspace_seed_scripts_run_unmodified : IAsyncLifetime
{
    private readonly DocSpaceHost _host = new();
    private readonly HttpClient _client = new();
    private long _configId;

    public async ValueTask InitializeAsync()
    {
        await _host.InitializeAsync();
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", DocSpaceHost.Key);
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _configId = await _host.CreateAsync("recovered", triggers: 1);
        await _host.PublishAsync(_configId, times: 4, status: 500);
        _host.Receiver.Answer("recovered", 200);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task View_all_webhooks_and_their_status()
    {
        var webhooks = await GetAsync("webhook");
        Assert.All(webhooks, webhook => Assert.All(
            ["id", "name", "uri", "enabled", "ssl", "triggers"], name => Assert.True(webhook.TryGetProperty(name, out _), name)));
        var webhook = Assert.Single(webhooks, webhook => webhook.GetProperty("id").GetInt64() == _configId);
        Assert.True(webhook.TryGetProperty("lastFailureOn", out _));

        var triggers = await GetAsync("webhook/triggers");
        Assert.True(triggers.Length > 1);
        Assert.All(triggers, trigger => Assert.NotEmpty(trigger.GetProperty("name").GetString()!));
        Assert.All(triggers, trigger => Assert.True(trigger.GetProperty("id").TryGetInt64(out _)));
    }

    [Fact]
    public async Task View_delivery_logs_and_filter_failures()
    {
        var recent = await GetAsync("webhooks/log?count=50&startIndex=0");
        Assert.NotEmpty(recent);
        Assert.Equal(recent.Select(Id).OrderDescending(), recent.Select(Id));

        var failed = await GetAsync($"webhooks/log?configId={_configId}&groupStatus=Failed&count=50&startIndex=0");
        Assert.Equal(4, failed.Length);
        Assert.All(failed, log => Assert.Equal(500, log.GetProperty("status").GetInt32()));
        Assert.All(failed, log => Assert.True(log.TryGetProperty("delivery", out _)));

        Assert.Empty(await GetAsync("webhooks/log?configId=1234&groupStatus=Failed&count=50&startIndex=0"));
    }

    [Fact]
    public async Task Retry_failed_deliveries_one_and_then_all()
    {
        var failed = await FailedAsync();
        var ids = failed.Select(Id).ToArray();

        using var one = await _client.PutAsync($"{Root}/webhook/{ids[0]}/retry", content: null, TestContext.Current.CancellationToken);
        var retried = await ResponseAsync(one);
        Assert.Equal((ids[0], 200), (Id(retried), retried.GetProperty("status").GetInt32()));
        Assert.True(retried.TryGetProperty("delivery", out _));

        using var many = await _client.PutAsJsonAsync($"{Root}/webhook/retry", new { ids }, TestContext.Current.CancellationToken);
        var all = (await ResponseAsync(many)).EnumerateArray().ToArray();
        Assert.Equal(ids, all.Select(Id));
        Assert.All(all, log => Assert.Equal(200, log.GetProperty("status").GetInt32()));

        Assert.Empty(await FailedAsync());
        Assert.Equal(4 + ids.Length, _host.Receiver.Received("recovered").Count);
    }

    private string Root => $"{_host.Url}api/2.0/settings";

    // This one script sends its numbers as text.
    private Task<JsonElement[]> FailedAsync() => GetAsync($"webhooks/log?configId={_configId}&groupStatus=Failed&count=10&startIndex=0");

    private async Task<JsonElement[]> GetAsync(string path)
    {
        using var response = await _client.GetAsync($"{Root}/{path}", TestContext.Current.CancellationToken);
        return [.. (await ResponseAsync(response)).EnumerateArray()];
    }

    private static async Task<JsonElement> ResponseAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return body.GetProperty("response");
    }

    private static long Id(JsonElement log) => log.GetProperty("id").GetInt64();
}
