using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>The product as an app has it: the packages, a host, webhooks that are registered and events that are published.</summary>
internal sealed class BenchmarkApp : IAsyncDisposable
{
    private const string Trigger = "order.paid";

    private readonly IHost _host;
    private readonly IWebhookPublisher _publisher;
    private PublishOptions[] _tenants = [];

    private BenchmarkApp(IHost host)
    {
        _host = host;
        _publisher = host.Services.GetRequiredService<IWebhookPublisher>();
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>What becomes of what is published.</summary>
    public Outcomes Outcomes { get; } = new();

    public static Task<BenchmarkApp> StartAsync(IBenchmarkDatabase database, bool dispatches = true) => StartAsync(database.Use, dispatches);

    public static async Task<BenchmarkApp> StartAsync(Action<IWebhooksBuilder> useStore, bool dispatches = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var webhooks = builder.Services
            .AddWebhooks(options => options.Egress.AllowLoopback = true)
            .AddTrigger(Trigger)
            .WithoutSecretProtection();
        useStore(webhooks);
        if (!dispatches)
        {
            webhooks.WithoutDispatcher();
        }

        // Without the console's lifetime, which would take Ctrl+C and SIGTERM for itself: they end the program, and with it its server and receiver.
        builder.Services.AddSingleton<IHostLifetime, ProgramLifetime>();
        var warnings = new Warnings();
        builder.Logging
            .AddProvider(warnings)
            .AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace)
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Webhooks.Embedded.DependencyInjection", LogLevel.Error); // It warns of loopback and of plain secrets, which are meant here.
        var app = new BenchmarkApp(builder.Build());
        app.Outcomes.Follow(warnings);
        await app._host.StartAsync();
        return app;
    }

    /// <summary>Registers so many webhooks for each of so many tenants. The events that are published are of these tenants, by turns.</summary>
    public async Task RegisterAsync(Func<int, Uri> urlOf, int tenants, int webhooksOfEach = 1)
    {
        var registry = Services.GetRequiredService<IWebhookRegistry>();
        UseTenants(tenants);
        for (var number = 0; number < tenants * webhooksOfEach; number++)
        {
            await registry.CreateAsync(new WebhookSettings
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"receiver {number}"),
                Tenant = _tenants[number % tenants].Tenant,
                Url = urlOf(number).ToString(),
                Triggers = ["*"],
            });
        }
    }

    /// <summary>The events that are published are of these tenants, by turns. Their webhooks were registered before.</summary>
    public void UseTenants(int tenants) =>
        _tenants = [.. Enumerable.Range(1, tenants).Select(number => new PublishOptions { Tenant = string.Create(CultureInfo.InvariantCulture, $"tenant-{number}") })];

    /// <summary>Publishes so many events, by so many publishers at once. Returns when all of them are durable.</summary>
    public async Task PublishAsync(int events, int publishers)
    {
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                await PublishAsync(number);
            }
        })));
    }

    /// <summary>Publishes one event, with this number. Returns when it is durable.</summary>
    public Task PublishAsync(int number) => _publisher.PublishJsonAsync(Trigger, Payload.Create(), _tenants[number % _tenants.Length]);

    /// <summary>How many deliveries are not finished; of many, only that there are some.</summary>
    public async Task<int> UnfinishedAsync() =>
        (await Services.GetRequiredService<IWebhookDeliveries>().ListAsync(new WebhookDeliveryQuery
        {
            Statuses = [WebhookDeliveryStatus.Pending, WebhookDeliveryStatus.Leased, WebhookDeliveryStatus.Retrying, WebhookDeliveryStatus.Parked],
            Limit = 10,
        })).Items.Count;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        Outcomes.Dispose();
    }
}
