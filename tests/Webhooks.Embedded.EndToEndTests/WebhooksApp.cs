using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>An app with webhooks on a database of its own, in the test's process.</summary>
internal sealed class WebhooksApp : IAsyncDisposable
{
    private readonly string _directory;
    private readonly bool _keepsDirectory;
    private readonly IHost _host;

    private WebhooksApp(string directory, bool keepsDirectory, IHost host)
    {
        _directory = directory;
        _keepsDirectory = keepsDirectory;
        _host = host;
    }

    public IServiceProvider Services => _host.Services;

    public IWebhookPublisher Publisher => Services.GetRequiredService<IWebhookPublisher>();

    public IWebhookRegistry Registry => Services.GetRequiredService<IWebhookRegistry>();

    public IWebhookDeliveries Deliveries => Services.GetRequiredService<IWebhookDeliveries>();

    /// <summary>How the app itself connects to the database that webhooks are kept in.</summary>
    public string ConnectionString => $"Data Source={Path.Combine(_directory, "test.db")}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static WebhooksApp Create(
        Action<WebhooksOptions>? configure = null, Action<IServiceCollection>? services = null, string? directory = null)
    {
        var ownDirectory = directory ?? Directory.CreateTempSubdirectory("webhooks-").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(ownDirectory, "keys")));
        builder.Services
            .AddWebhooks(options =>
            {
                options.Retry.Delays = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(20), 3)];
                options.Egress.AllowLoopback = true;
                configure?.Invoke(options);
            })
            .UseSqlite($"Data Source={Path.Combine(ownDirectory, "test.db")}")
            .AddTrigger("order.created")
            .AddTrigger("order.paid");
        services?.Invoke(builder.Services);
        return new WebhooksApp(ownDirectory, directory is not null, builder.Build());
    }

    public static async Task<WebhooksApp> StartAsync(
        Action<WebhooksOptions>? configure = null, Action<IServiceCollection>? services = null, string? directory = null)
    {
        var app = Create(configure, services, directory);
        await app.StartAsync();
        return app;
    }

    public Task StartAsync() => _host.StartAsync(Cancellation);

    public async Task StopAsync(TimeSpan within)
    {
        using var time = new CancellationTokenSource(within);
        await _host.StopAsync(time.Token);
    }

    public async Task<Webhook> RegisterAsync(string url, string trigger = "*", string? name = null) =>
        (await Registry.CreateAsync(
            new WebhookSettings { Name = name ?? "test", Url = url, Triggers = [trigger], Secret = Receiver.Secret }, Cancellation)).Webhook;

    public Task<PublishedEvent> PublishAsync(string trigger = "order.created", object? payload = null) =>
        Publisher.PublishAsync(trigger, payload ?? new { Id = 17 }, cancellationToken: Cancellation);

    /// <summary>The event's one delivery, as soon as it is as wanted.</summary>
    public async Task<WebhookDelivery> UntilAsync(PublishedEvent published, Func<WebhookDelivery, bool> wanted)
    {
        WebhookDelivery? delivery = null;
        await Until.TrueAsync(
            async () =>
            {
                var page = await Deliveries.ListAsync(new WebhookDeliveryQuery { EventId = published.Id }, Cancellation);
                delivery = page.Items.SingleOrDefault();
                return delivery is not null && wanted(delivery);
            },
            () => $"{delivery}");
        return delivery!;
    }

    public Task<WebhookDelivery> UntilAsync(PublishedEvent published, WebhookDeliveryStatus status) =>
        UntilAsync(published, delivery => delivery.Status == status);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        if (!_keepsDirectory)
        {
            // The app's own connections are pooled, and hold the file. Not all pools: other tests are opening connections at this moment.
            await using (var own = new SqliteConnection(ConnectionString))
            {
                SqliteConnection.ClearPool(own);
            }

            Directory.Delete(_directory, recursive: true);
        }
    }
}
