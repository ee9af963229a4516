using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>The product as an app has it: the packages, a host, webhooks that are registered and events that are published.</summary>
internal sealed class BenchmarkApp : IAsyncDisposable
{
    public const string Trigger = "order.paid";
    private const int PayloadBytes = 1024;

    private static readonly string Padding = new('x', PayloadBytes);

    private readonly IHost _host;
    private readonly MeterListener _listener = new();
    private volatile TaskCompletionSource _done = new();
    private string[] _tenants = [];
    private long _recorded;
    private long _wanted = long.MaxValue;

    private BenchmarkApp(IHost host)
    {
        _host = host;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "webhooks.attempt.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Recorded());
        _listener.Start();
    }

    public IServiceProvider Services => _host.Services;

    public static async Task<BenchmarkApp> StartAsync(IBenchmarkDatabase database, bool dispatches = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        var webhooks = builder.Services
            .AddWebhooks(options => options.Egress.AllowLoopback = true)
            .AddTrigger(Trigger)
            .WithoutSecretProtection();
        database.Use(webhooks);
        if (!dispatches)
        {
            webhooks.WithoutDispatcher();
        }

        var app = new BenchmarkApp(builder.Build());
        await app._host.StartAsync();
        return app;
    }

    /// <summary>Registers so many webhooks for each of so many tenants. The events that are published are of these tenants, by turns.</summary>
    public async Task RegisterAsync(ReceiverProcess receiver, int tenants, int webhooksOfEach = 1)
    {
        var registry = Services.GetRequiredService<IWebhookRegistry>();
        _tenants = [.. Enumerable.Range(1, tenants).Select(number => string.Create(CultureInfo.InvariantCulture, $"tenant-{number}"))];
        for (var number = 0; number < tenants * webhooksOfEach; number++)
        {
            await registry.CreateAsync(new WebhookSettings
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"receiver {number}"),
                Tenant = _tenants[number % tenants],
                Url = receiver.UrlOf(number).ToString(),
                Triggers = ["*"],
            });
        }
    }

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
    public Task PublishAsync(int number) =>
        Services.GetRequiredService<IWebhookPublisher>().PublishJsonAsync(Trigger, Payload(), new PublishOptions { Tenant = _tenants[number % _tenants.Length] });

    /// <summary>A payload that says when it was published.</summary>
    public static byte[] Payload()
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{{\"at\":{Stopwatch.GetTimestamp()},\"pad\":\"");
        return Encoding.ASCII.GetBytes($"{head}{Padding.AsSpan(0, PayloadBytes - head.Length - 2)}\"}}");
    }

    /// <summary>Returns when the outcomes of so many attempts are durable, counted from the start.</summary>
    public Task RecordedAsync(long attempts, TimeSpan within)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _wanted, attempts);
        if (Interlocked.Read(ref _recorded) >= attempts)
        {
            _done.TrySetResult();
        }

        return _done.Task.WaitAsync(within);
    }

    /// <summary>How many deliveries are not finished; of many, only that there are some.</summary>
    public async Task<int> UnfinishedAsync() =>
        (await Services.GetRequiredService<IWebhookDeliveries>().ListAsync(new WebhookDeliveryQuery
        {
            Statuses = [WebhookDeliveryStatus.Pending, WebhookDeliveryStatus.Leased, WebhookDeliveryStatus.Retrying, WebhookDeliveryStatus.Parked],
            Limit = 10,
        })).Items.Count;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private void Recorded()
    {
        if (Interlocked.Increment(ref _recorded) >= Interlocked.Read(ref _wanted))
        {
            _done.TrySetResult();
        }
    }
}
