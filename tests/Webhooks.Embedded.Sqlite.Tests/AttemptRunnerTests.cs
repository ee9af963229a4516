using System.Net;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>What becomes of a leased delivery whose turn has come: over a real store, with a clock that stands still and a receiver that only counts.</summary>
public sealed class AttemptRunnerTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = Lease - TimeSpan.FromSeconds(15) - AttemptRunner.TimeToRecord;

    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private readonly Receiver _receiver = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IWebhookRegistry Registry => _services!.GetRequiredService<IWebhookRegistry>();

    private IWebhookDeliveries Deliveries => _services!.GetRequiredService<IWebhookDeliveries>();

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddWebhooks().AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection()
            .UseSqlite(_store.ConnectionString)
            .ConfigureHttpClient(client => client.AddHttpMessageHandler(() => _receiver));
        _services = services.BuildServiceProvider();
        await Registry.CreateAsync(new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        await _services.GetRequiredService<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task It_is_sent_and_delivered()
    {
        var delivery = await RunAsync(await ClaimAsync());
        Assert.Equal((WebhookDeliveryStatus.Delivered, 1, 1), (delivery.Status, delivery.Attempts, _receiver.Requests));
    }

    [Fact]
    public async Task After_a_long_wait_in_memory_it_is_sent_as_long_as_the_lease_outlasts_the_attempt()
    {
        var leased = await ClaimAsync();
        _time.Advance(LongestWait);

        await RunAsync(leased);

        Assert.Equal(1, _receiver.Requests);
    }

    [Fact]
    public async Task After_a_longer_wait_it_is_given_back_unsent_for_another_node_may_have_it_before_the_attempt_is_over()
    {
        var leased = await ClaimAsync();
        _time.Advance(LongestWait + TimeSpan.FromMilliseconds(1));

        var delivery = await RunAsync(leased);

        Assert.Equal((WebhookDeliveryStatus.Pending, 0, 0), (delivery.Status, delivery.Attempts, _receiver.Requests));
        Assert.Equal(1, (await ClaimAsync()).Claims);
    }

    [Fact]
    public async Task Claimed_five_times_without_an_outcome_it_is_quarantined_and_sent_no_more()
    {
        var leased = await ClaimAsync();
        for (var claims = 2; claims <= AttemptRunner.MaxClaims; claims++)
        {
            _time.Advance(Lease);
            leased = await ClaimAsync();
        }

        _time.Advance(Lease);
        var delivery = await RunAsync(await ClaimAsync());

        Assert.Equal(AttemptRunner.MaxClaims, leased.Claims);
        Assert.Equal((WebhookDeliveryStatus.Quarantined, 5, 0), (delivery.Status, delivery.Attempts, _receiver.Requests));
        Assert.All(
            await Deliveries.AttemptsAsync(delivery.Id, Cancellation),
            attempt => Assert.Equal(WebhookAttemptOutcome.Interrupted, attempt.Outcome));
    }

    [Fact]
    public async Task Its_webhook_was_disabled_it_is_parked_unsent()
    {
        var leased = await ClaimAsync();
        await Registry.DisableAsync(leased.WebhookId, cancellationToken: Cancellation);

        var delivery = await RunAsync(leased);

        Assert.Equal((WebhookDeliveryStatus.Parked, 0), (delivery.Status, _receiver.Requests));
    }

    [Fact]
    public async Task Its_webhook_was_deleted_it_is_cancelled_unsent()
    {
        var leased = await ClaimAsync();
        await Registry.DeleteAsync(leased.WebhookId, Cancellation);

        var delivery = await RunAsync(leased);

        Assert.Equal((WebhookDeliveryStatus.Cancelled, 0), (delivery.Status, _receiver.Requests));
    }

    [Fact]
    public async Task Without_a_readable_secret_it_is_parked_unsent_and_the_log_says_why()
    {
        await _services!.GetRequiredService<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                "update webhook_secrets set secret = 'whsec_!!!'; update webhook_state set value = value + 1", transaction: transaction),
            Cancellation);
        var leased = await ClaimAsync();
        _services!.GetRequiredService<WebhookDirectory>().Expect(long.MaxValue);

        var delivery = await RunAsync(leased);

        Assert.Equal(
            (WebhookDeliveryStatus.Parked, WebhookAttemptOutcome.SecretUnreadable, 0),
            (delivery.Status, delivery.LastAttempt?.Outcome, _receiver.Requests));
    }

    private async Task<LeasedDelivery> ClaimAsync()
    {
        var now = _services!.GetRequiredService<StoreClock>().Now;
        var request = new ClaimRequest(10, 10, 0, new Dictionary<long, int>(), now, now + (long)Lease.TotalMilliseconds, _time.GetTimestamp());
        return Assert.Single((await _services!.GetRequiredService<SqlDialect>().ClaimAsync(request, Cancellation)).Deliveries);
    }

    private async Task<WebhookDelivery> RunAsync(LeasedDelivery leased)
    {
        await _services!.GetRequiredService<WebhookDirectory>().GetAsync(Cancellation);
        await _services!.GetRequiredService<AttemptRunner>().RunAsync(leased, Cancellation);
        return (await Deliveries.FindAsync(leased.Id, Cancellation))!;
    }

    private sealed class Receiver : DelegatingHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
