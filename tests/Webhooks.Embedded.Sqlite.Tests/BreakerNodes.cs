using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>Nodes over one SQLite store whose every step the test makes, with a clock that stands still and a receiver that answers as it is told.</summary>
internal sealed class BreakerNodes : IAsyncDisposable
{
    private readonly SqliteStore _store = new();
    private readonly ServiceProvider _services;

    public BreakerNodes(Action<WebhooksOptions>? configure = null, Action<IWebhooksBuilder>? build = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        var builder = services.AddWebhooks(options =>
            {
                options.Retry.Delays = [.. Enumerable.Repeat(TimeSpan.Zero, 100)];
                configure?.Invoke(options);
            })
            .AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection().UseSqlite(_store.ConnectionString)
            .ConfigureHttpClient(client => client.AddHttpMessageHandler(() => new ScriptedHandler(Receiver)));
        build?.Invoke(builder);
        _services = services.BuildServiceProvider();
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ManualTime Time { get; } = new();

    public ScriptedReceiver Receiver { get; } = new();

    public long Now => Get<StoreClock>().Now;

    public IWebhookRegistry Registry => Get<IWebhookRegistry>();

    public IWebhookDeliveries Deliveries => Get<IWebhookDeliveries>();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Node NewNode() => new(_services);

    public async Task<Webhook> RegisterAsync(string name = "a") =>
        (await Registry.CreateAsync(new WebhookSettings { Name = name, Url = $"https://example.com/{name}", Triggers = ["*"] }, Cancellation)).Webhook;

    public async Task PublishAsync(int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            await Get<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        }
    }

    public async Task<WebhookCounters> CountersAsync(long webhookId = 1) => (await Get<BreakerRepository>().ReadAsync(webhookId, Cancellation))!;

    public async Task<IReadOnlyList<WebhookDelivery>> LogAsync() =>
        (await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 1000 }, Cancellation)).Items;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _store.DropAsync();
    }

    /// <summary>What a node has of its own.</summary>
    internal sealed class Node : IDisposable
    {
        private readonly IServiceProvider _services;
        private readonly WebhookTurns _turns;
        private readonly BreakerControl _control;
        private readonly AttemptRunner _runner;
        private readonly UnrecordedSuccesses _successes;

        public Node(IServiceProvider services)
        {
            _services = services;
            Breakers = new WebhookBreakers(services.GetRequiredService<StoreClock>());
            Signal = ActivatorUtilities.CreateInstance<DispatchSignal>(services);
            Buffer = ActivatorUtilities.CreateInstance<DeliveryBuffer>(services, Breakers, Signal);
            Buffer.Open(() => { });
            _control = ActivatorUtilities.CreateInstance<BreakerControl>(services, Breakers, Signal);
            var followUp = ActivatorUtilities.CreateInstance<AttemptFollowUp>(services, _control);
            _runner = ActivatorUtilities.CreateInstance<AttemptRunner>(services, Breakers, followUp);
            _successes = services.GetRequiredService<UnrecordedSuccesses>();
            _turns = ActivatorUtilities.CreateInstance<WebhookTurns>(services, Breakers, Signal);
            Dispatcher = ActivatorUtilities.CreateInstance<WebhookDispatcher>(services, Breakers, Signal, Buffer, _runner, _turns);
        }

        public DispatchSignal Signal { get; }

        /// <summary>Not started, unless a test starts it.</summary>
        public WebhookDispatcher Dispatcher { get; }

        public WebhookBreakers Breakers { get; }

        public DeliveryBuffer Buffer { get; }

        /// <summary>Claims with room for as many as the breaker lets through: how fairness shares the room is tested elsewhere.</summary>
        public async Task ClaimAsync()
        {
            var clock = _services.GetRequiredService<StoreClock>();
            var perWebhook = 2 * _services.GetRequiredService<LiveOptions>().Current.ConcurrencyPerWebhook;
            var leaseEnd = clock.Now + 60_000;
            var request = new ClaimRequest(1000, perWebhook, 0, new Dictionary<long, int>(), clock.Now, leaseEnd, clock.TimeProvider.GetTimestamp());
            var begun = Breakers.BeginRead();
            var result = await _services.GetRequiredService<SqlDialect>().ClaimAsync(request, Cancellation);
            Breakers.Read(result.Breakers, begun);
            await _services.GetRequiredService<WebhookDirectory>().RefreshAsync(Cancellation);
            foreach (var delivery in await _turns.TakeAsync(result.Deliveries, leaseEnd))
            {
                Buffer.Add(delivery);
            }
        }

        /// <summary>Makes the attempts that it has, one after the other; returns how many deliveries it had.</summary>
        public async Task<int> WorkAsync()
        {
            var worked = 0;
            while (Buffer.TryTake(out var begun))
            {
                worked++;
                await RunAsync(begun.Delivery);
                Buffer.Done(begun);
            }

            return worked;
        }

        /// <summary>Returns when the outcome is durable.</summary>
        public async Task RunAsync(LeasedDelivery delivery)
        {
            await _runner.RunAsync(delivery, Cancellation);
            await _successes.WhenNone();
        }

        public async Task<int> RoundAsync()
        {
            await ClaimAsync();
            return await WorkAsync();
        }

        public void Dispose()
        {
            Dispatcher.Dispose();
            Signal.Dispose();
            _control.Dispose();
        }
    }

    internal sealed class ScriptedReceiver
    {
        private int _requests;

        public int Requests => _requests;

        /// <summary>The status of each answer, and the seconds of its <c>Retry-After</c>.</summary>
        public Func<(int Status, int? RetryAfter)> Answer { get; set; } = () => (200, null);

        public HttpResponseMessage Receive()
        {
            Interlocked.Increment(ref _requests);
            var (status, retryAfter) = Answer();
            var response = new HttpResponseMessage((HttpStatusCode)status);
            if (retryAfter is { } seconds)
            {
                response.Headers.TryAddWithoutValidation("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
            }

            return response;
        }
    }

    // The client makes a handler for each of its variants. Nothing goes further than here.
    private sealed class ScriptedHandler(ScriptedReceiver receiver) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(receiver.Receive());
    }
}
