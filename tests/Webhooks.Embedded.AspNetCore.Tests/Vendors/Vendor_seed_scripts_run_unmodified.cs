using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Tests.Vendors;

/// <summary>
/// The calls of the samples in Baanx's "Get Webhook Delivery Logs" and Bird's "Webhook subscription logs", with their headers and
/// parameters; those of DocSpace have their own class. One webhook, whose receiver failed and recovered.
/// </summary>
public sealed class Vendor_seed_scripts_run_unmodified : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private readonly List<Guid> _published = [];
    private VendorHost _host = null!;
    private Webhook _webhook = null!;

    public async ValueTask InitializeAsync()
    {
        // It fails more often in a row than a breaker would let it.
        _host = await VendorHost.StartAsync(add: webhooks => webhooks.Services.PostConfigure<WebhooksOptions>(options => options.Breaker.Failures = 0));
        _client.BaseAddress = _host.Client.BaseAddress;
        _webhook = await _host.CreateAsync("recovered");
        _host.Receiver.Answer("recovered", 500);
        for (var i = 0; i < 12; i++)
        {
            _published.Add(await _host.DeliverAsync());
        }

        _host.Receiver.Answer("recovered", 200);
        await _host.Deliveries.RetryAsync((await _host.OfAsync(_published[^1]))[0].Id);
        await _host.UntilAttemptedAsync(_published[^1], 2);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _host.DisposeAsync();
    }

    // curl, JavaScript and Python ask for 25, the TypeScript function for its default.
    [Theory]
    [InlineData(25)]
    [InlineData(50)]
    public async Task Baanx_get_webhook_delivery_logs(int limit)
    {
        var (status, data) = await GetAsync($"/v1/webhooks/{_webhook.Uid}/logs?limit={limit}", "Bearer");
        Assert.Equal(200, status);
        var logs = data.GetProperty("logs").EnumerateArray().ToArray();
        Assert.Equal((logs.Length, true), (data.GetProperty("count").GetInt32(), logs.Length is > 12 && logs.Length <= limit));
        Assert.All(logs, log =>
        {
            foreach (var name in "id eventId webhookId attemptNumber requestUrl requestHeaders requestBody responseStatus responseBody errorMessage deliveryStatus durationMs createdAt nextRetryAt".Split(' '))
            {
                Assert.True(log.TryGetProperty(name, out _), name);
            }

            Assert.Equal(_webhook.Uid, log.GetProperty("webhookId").GetGuid());
            Assert.Equal(JsonValueKind.Object, log.GetProperty("requestBody").ValueKind);
            Assert.Contains(log.GetProperty("deliveryStatus").GetString(), new[] { "pending", "processing", "success", "failed" });
        });
        Assert.Equal(logs.Select(Created).OrderDescending(StringComparer.Ordinal), logs.Select(Created));
        Assert.Single(logs, log => log.GetProperty("deliveryStatus").GetString() == "success");
    }

    [Fact]
    public async Task Baanx_errors_are_those_of_the_document()
    {
        var path = $"/v1/webhooks/{_webhook.Uid}/logs?limit=25";
        Assert.Equal((401, """{"message":"Not authenticated"}"""), await TextAsync(path, scheme: null));
        Assert.Equal(
            (404, """{"message":"Webhook config not found"}"""),
            await TextAsync("/v1/webhooks/550e8400-e29b-41d4-a716-446655440000/logs?limit=25", "Bearer"));
    }

    [Fact]
    public async Task Bird_list_all_logs()
    {
        var root = $"/workspaces/a1405560-c8d3-4b1a-877d-3f449ad95352/webhook-subscriptions/{_webhook.Uid}/logs";
        var (_, first) = await GetAsync(root, "AccessKey");
        Assert.Equal(10, first.GetProperty("results").GetArrayLength());
        var (_, second) = await GetAsync($"{root}?pageToken={first.GetProperty("nextPageToken").GetString()}", "AccessKey");
        Assert.False(second.TryGetProperty("nextPageToken", out _));

        var rows = first.GetProperty("results").EnumerateArray().Concat(second.GetProperty("results").EnumerateArray()).ToArray();
        Assert.Equal(Enumerable.Reverse(_published), rows.Select(row => row.GetProperty("requestId").GetGuid()));
        Assert.Equal((2, 200, "succeeded"), Result(rows[0]));
        Assert.All(rows[1..], row => Assert.Equal((1, 500, "failed"), Result(row)));

        var (_, failed) = await GetAsync($"{root}?executionStatus=failed&limit=100", "AccessKey");
        Assert.Equal(11, failed.GetProperty("results").GetArrayLength());
        var organization = rows[0].GetProperty("organizationId").GetString();
        var (_, same) = await GetAsync($"/organizations/{organization}{root}", "AccessKey");
        Assert.Equal(first.ToString(), same.ToString());
    }

    [Fact]
    public async Task Bird_get_details_by_request_id()
    {
        var root = $"/workspaces/a1405560-c8d3-4b1a-877d-3f449ad95352/webhook-subscriptions/{_webhook.Uid}/logs/details";
        var (_, details) = await GetAsync($"{root}?requestId={_published[^1]}", "Bearer");
        var rows = details.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal([(2, 200, "succeeded"), (1, 500, "failed")], rows.Select(Result));
        Assert.All(rows, row => Assert.Equal("""{"number":1}""", row.GetProperty("payloadDetails").GetProperty("request").GetString()));

        var (status, none) = await GetAsync($"{root}?requestId=56878366-5417-414d-b1d9-5f250354f8d1", "Bearer");
        Assert.Equal((200, 0), (status, none.GetProperty("results").GetArrayLength()));

        // As it is printed there, the subscription's id is cut short.
        var cut = root.Replace(_webhook.Uid.ToString(), "0edf722b-93b4-4451-8a5d", StringComparison.Ordinal);
        Assert.Equal(404, (await GetAsync($"{cut}?requestId={_published[^1]}", "Bearer")).Status);
    }

    private async Task<(int Status, JsonElement Body)> GetAsync(string path, string? scheme)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = scheme is null ? null : new AuthenticationHeaderValue(scheme, VendorHost.Key);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private async Task<(int Status, string Body)> TextAsync(string path, string? scheme)
    {
        var (status, body) = await GetAsync(path, scheme);
        return (status, body.GetRawText());
    }

    private static string Created(JsonElement log) => log.GetProperty("createdAt").GetString()!;

    private static (int, int, string) Result(JsonElement row) => (
        row.GetProperty("attemptCount").GetInt32(),
        row.GetProperty("httpStatusCode").GetInt32(),
        row.GetProperty("executionStatus").GetString()!);
}
