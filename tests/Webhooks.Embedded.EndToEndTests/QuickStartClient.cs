using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>What a person with the API key can do over HTTP.</summary>
internal sealed class QuickStartClient : IDisposable
{
    private const string ApiKey = "demo-key";

    private readonly HttpClient _http;

    public QuickStartClient(Uri address)
    {
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);
    }

    public Uri Address => _http.BaseAddress!;

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request);
        return await ReadAsync(response, expected);
    }

    /// <summary>Publishes exactly these bytes.</summary>
    public async Task<Guid> PublishAsync(string trigger, byte[] json)
    {
        using var response = await _http.PostAsync($"/publish/{trigger}", new ByteArrayContent(json));
        return await IdIn(response);
    }

    /// <summary>Registers a webhook for a receiver.</summary>
    /// <returns>Its number.</returns>
    public async Task<long> RegisterAsync(string url, string trigger)
    {
        var settings = new { name = "Receiver", url, triggers = new[] { trigger }, secret = Receiver.Secret };
        var webhook = await SendAsync(HttpMethod.Post, "/webhooks/api/webhooks", settings, HttpStatusCode.Created);
        return webhook["id"]!.GetValue<long>();
    }

    /// <summary>The whole log, of one webhook or of all.</summary>
    public async Task<IReadOnlyList<LoggedDelivery>> LogAsync(long? webhookId = null)
    {
        var log = new List<LoggedDelivery>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(
                $"/webhooks/api/deliveries?limit=200{(webhookId is null ? "" : $"&webhook={webhookId}")}{(cursor is null ? "" : $"&cursor={cursor}")}");
            log.AddRange(page["items"]!.AsArray().Select(item => LoggedDelivery.From(item!)));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);

        return log;
    }

    /// <summary>The outcomes of a delivery's attempts, the first one first.</summary>
    public async Task<IReadOnlyList<string>> OutcomesAsync(long deliveryId)
    {
        var page = await GetAsync($"/webhooks/api/deliveries/{deliveryId}/attempts");
        return [.. page["items"]!.AsArray().Select(attempt => attempt!["outcome"]!.GetValue<string>())];
    }

    /// <summary>What a sink got, the newest first.</summary>
    public async Task<IReadOnlyList<SinkRequest>> SinkAsync(string name) =>
        (await GetAsync($"/sink/{name}"))["requests"].Deserialize<List<SinkRequest>>(JsonSerializerOptions.Web)!;

    /// <summary>The id of the event that an answer to publishing names.</summary>
    public static async Task<Guid> IdIn(HttpResponseMessage response) => (await ReadAsync(response, HttpStatusCode.Accepted))["id"]!.GetValue<Guid>();

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.StatusCode == expected
            ? JsonNode.Parse(text)!
            : throw new HttpRequestException($"Expected {expected}, got {response.StatusCode}: {text}", null, response.StatusCode);
    }
}

/// <summary>A delivery as the log shows it.</summary>
internal sealed record LoggedDelivery(long Id, Guid EventId, string Status, int Attempts)
{
    public static LoggedDelivery From(JsonNode item) => new(
        item["id"]!.GetValue<long>(), item["eventId"]!.GetValue<Guid>(), item["status"]!.GetValue<string>(), item["attempts"]!.GetValue<int>());
}

/// <summary>A request as the sample's sink shows it.</summary>
internal sealed record SinkRequest(bool Verified, string Reason, Dictionary<string, string> Headers, string Body);
