using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Authentication;
using Webhooks.Embedded.AspNetCore.Tests.DocSpace;

namespace Webhooks.Embedded.AspNetCore.Tests.Vendors;

/// <summary>
/// An app on a real Kestrel with the Baanx-shaped and the Bird-shaped API behind an API key, and a store in a file. Its own JSON is in
/// upper case, which must change nothing here. Retries by schedule are a day away, so that only the tests retry.
/// </summary>
internal sealed class VendorHost : IAsyncDisposable
{
    public const string Key = "demo-key";
    public const string Baanx = "/v1/webhooks";
    public const string Workspace = "a1405560-c8d3-4b1a-877d-3f449ad95352";
    public const string Bird = $"/workspaces/{Workspace}/webhook-subscriptions";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"vendors-{Guid.NewGuid():N}.db");
    private WebApplication _app = null!;

    public DocSpaceReceiver Receiver { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public IWebhookRegistry Registry => Services.GetRequiredService<IWebhookRegistry>();

    public IWebhookDeliveries Deliveries => Services.GetRequiredService<IWebhookDeliveries>();

    public static async Task<VendorHost> StartAsync(
        Action<WebApplication>? map = null, Action<IWebhooksBuilder>? add = null, string environment = "Production")
    {
        var host = new VendorHost { Receiver = await DocSpaceReceiver.StartAsync() };
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper);
        var webhooks = builder.Services.AddWebhooks(options =>
            {
                options.Retry.Delays = [TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1)];
                options.Retry.Jitter = 0;
                options.Egress.AllowLoopback = true;
                options.Egress.AllowedPorts = [1];
            })
            .UseSqlite($"Data Source={host._file}")
            .AddTrigger("order.created", number: 0)
            .AddTrigger("order.paid", number: 1)
            .AddTrigger("user.created", number: 2);
        add?.Invoke(webhooks);
        builder.Services.AddAuthentication(WebhookApiKeyDefaults.AuthenticationScheme).AddWebhookApiKey(options => options.Keys.Add(Key));
        builder.Services.AddAuthorizationBuilder().AddPolicy("Nobody", policy => policy.RequireClaim("nobody-has-it"));

        host._app = builder.Build();
        host._app.Use((context, next) =>
        {
            if (context.Request.Headers.TryGetValue("X-Tenants", out var tenants))
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity(tenants.ToString().Split(',').Select(tenant => new Claim("tenant", tenant)), "test"));
            }

            return next(context);
        });
        (map ?? MapBoth)(host._app);
        await host._app.StartAsync();
        host.Client = new HttpClient { BaseAddress = new Uri(host._app.Urls.Single()) };
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        return host;
    }

    /// <summary>An app with tenants, whose callers have those of the header <c>X-Tenants</c>.</summary>
    public static Task<VendorHost> StartWithTenantsAsync() => StartAsync(
        app =>
        {
            app.MapBaanxWebhooks(Baanx).AllowAnonymous();
            app.MapBirdWebhooks().AllowAnonymous();
        },
        webhooks => webhooks.UseTenants());

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

    /// <summary>Calls an API and gives its status and JSON back.</summary>
    public async Task<(int Status, JsonNode Body)> SendAsync(
        HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendRawAsync(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), headers);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True("application/json; charset=utf-8" == response.Content.Headers.ContentType?.ToString(), $"{method} {path}: {response} {text}");
        Assert.True(response.Headers.CacheControl?.NoStore, $"{method} {path} may be kept by caches.");
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        return ((int)response.StatusCode, JsonNode.Parse(text)!);
    }

    public async Task<HttpResponseMessage> SendRawAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Calls an API, which must succeed.</summary>
    public async Task<JsonNode> OkAsync(HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var (status, body) = await SendAsync(method, path, json, headers);
        Assert.True(status is 200 or 201, $"{status}: {body}");
        return body;
    }

    public Task<JsonNode> GetAsync(string path, params (string Name, string Value)[] headers) => OkAsync(HttpMethod.Get, path, null, headers);

    /// <summary>A webhook of that name whose receiver is at that name.</summary>
    public async Task<Webhook> CreateAsync(string name, string trigger = "*", string? url = null, string tenant = "") =>
        (await Registry.CreateAsync(new WebhookSettings
        {
            Name = name,
            Url = url ?? Receiver.Url(name),
            Triggers = [trigger],
            Tenant = tenant,
            Secret = "whk_a1b2c3d4e5f6g7h8i9j0k1l2m3n45678",
        })).Webhook;

    public async Task<Guid> PublishAsync(string trigger = "order.created", string json = """{"number":1}""", string tenant = "", string? target = null) =>
        (await Services.GetRequiredService<IWebhookPublisher>().PublishJsonAsync(
            trigger, Encoding.UTF8.GetBytes(json), new PublishOptions { Tenant = tenant, Target = target })).Id;

    /// <summary>Publishes and waits until that many attempts of each delivery were made.</summary>
    public async Task<Guid> DeliverAsync(string trigger = "order.created", string json = """{"number":1}""", string tenant = "")
    {
        var id = await PublishAsync(trigger, json, tenant);
        await UntilAttemptedAsync(id, 1);
        return id;
    }

    public Task UntilAttemptedAsync(Guid eventId, int attempts) => DocSpaceHost.UntilAsync(async () =>
        (await OfAsync(eventId)).All(delivery => delivery.Attempts >= attempts && delivery.Status != WebhookDeliveryStatus.Leased));

    public async Task<IReadOnlyList<WebhookDelivery>> OfAsync(Guid eventId) =>
        (await Deliveries.ListAsync(new WebhookDeliveryQuery { EventId = eventId, Limit = 1000 })).Items;

    private static void MapBoth(WebApplication app)
    {
        app.MapBaanxWebhooks(Baanx, options => options.AllowHttp = true).RequireAuthorization();
        app.MapBirdWebhooks(configure: options => options.AllowAnyUrl = true).RequireAuthorization();
    }
}
