using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Authentication;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

/// <summary>
/// An app on a real Kestrel with a store in a file. Its own JSON is in snake_case with numbers as text, which must change nothing here.
/// Retries by schedule are a day away, so that only the tests retry.
/// </summary>
public sealed class DocSpaceHost : IAsyncLifetime
{
    public const string Key = "demo-key";
    public const string Root = "/api/2.0/settings";

    private static readonly JsonSerializerOptions Plain = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"docspace-{Guid.NewGuid():N}.db");
    private WebApplication _app = null!;

    public DocSpaceReceiver Receiver { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public Uri Url => new(_app.Urls.Single());

    public IWebhookRegistry Registry => _app.Services.GetRequiredService<IWebhookRegistry>();

    public IWebhookDeliveries Deliveries => _app.Services.GetRequiredService<IWebhookDeliveries>();

    public IWebhookPublisher Publisher => _app.Services.GetRequiredService<IWebhookPublisher>();

    /// <summary>How long a retry waits. Tests of the waiting itself use a host of their own.</summary>
    public TimeSpan RetryWait { get; init; } = TimeSpan.FromSeconds(30);

    public bool ProbeOnCreate { get; init; }

    public bool AllowLoopback { get; init; } = true;

    public async ValueTask InitializeAsync()
    {
        Receiver = await DocSpaceReceiver.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.WriteAsString;
            options.SerializerOptions.WriteIndented = true;
        });
        builder.Services.AddWebhooks(options =>
            {
                options.Retry.Delays = [TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1)];
                options.Retry.Jitter = 0;
                options.Egress.AllowLoopback = AllowLoopback;
                options.Egress.AllowHttp = true;
                options.Egress.AllowedPorts = [1];
            })
            .UseSqlite($"Data Source={_file}")
            .AddTrigger("order.created", number: 0)
            .AddTrigger("order.paid", number: 1)
            .AddTrigger("user.created", number: 7);
        builder.Services.AddAuthentication(WebhookApiKeyDefaults.AuthenticationScheme).AddWebhookApiKey(options => options.Keys.Add(Key));
        builder.Services.AddAuthorization();

        _app = builder.Build();
        _app.MapDocSpaceWebhooks(Root, options => (options.RetryWait, options.ProbeOnCreate) = (RetryWait, ProbeOnCreate)).RequireAuthorization();
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = Url };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Receiver.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_file)!, Path.GetFileName(_file) + "*"))
        {
            File.Delete(file);
        }
    }

    /// <summary>Calls the API and gives its status and JSON back.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"{Root}/{path}") { Content = body is null ? null : JsonContent.Create(body, options: Plain) };
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoStore);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Calls the API with a text as the body.</summary>
    public async Task<HttpResponseMessage> SendTextAsync(HttpMethod method, string path, string body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, $"{Root}/{path}") { Content = new StringContent(body, Encoding.UTF8, contentType) };
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Calls the API, which must succeed, and gives the response back.</summary>
    public async Task<JsonElement> GetAsync(string path) => await OkAsync(HttpMethod.Get, path);

    public async Task<JsonElement> OkAsync(HttpMethod method, string path, object? body = null)
    {
        var (status, json) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, json.ToString());
        return json.GetProperty("response");
    }

    /// <summary>A webhook of that name whose receiver is at that name.</summary>
    public async Task<long> CreateAsync(string name, object? triggers = null) =>
        (await OkAsync(HttpMethod.Post, "webhook", Config(name) with { triggers = triggers ?? 0 })).GetProperty("id").GetInt64();

    public ConfigBody Config(string name) => new(name, Receiver.Url(name), "secret-of-it", true);

    /// <summary>Publishes so many events and waits until each was attempted by each webhook that wants it.</summary>
    public async Task PublishAsync(long webhookId, string trigger = "order.created", int times = 1, int status = 200)
    {
        var name = (await Registry.FindAsync(webhookId))!.Name;
        Receiver.Answer(name, status);
        var before = await AttemptedAsync(webhookId);
        for (var i = 0; i < times; i++)
        {
            await Publisher.PublishAsync(trigger, new { number = i });
        }

        await UntilAsync(async () => await AttemptedAsync(webhookId) >= before + times);
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    private async Task<int> AttemptedAsync(long webhookId) =>
        (await Deliveries.ListAsync(new WebhookDeliveryQuery { WebhookId = webhookId, Limit = 1000 })).Items.Count(delivery => delivery.Attempts > 0);
}

/// <summary>The body as clients send it.</summary>
public sealed record ConfigBody(string? name, string? uri, string? secretKey, bool? enabled)
{
    public object? id { get; init; }

    public bool? ssl { get; init; }

    public object? triggers { get; init; }

    public string? targetId { get; init; }
}
