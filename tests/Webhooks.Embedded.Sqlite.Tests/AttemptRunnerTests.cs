using System.Net;
using System.Net.Http.Headers;
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private readonly Receiver _receiver = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IWebhookRegistry Registry => _services!.GetRequiredService<IWebhookRegistry>();

    private IWebhookDeliveries Deliveries => _services!.GetRequiredService<IWebhookDeliveries>();

    private AttemptRunner Runner => _services!.GetRequiredService<AttemptRunner>();

    private UnrecordedSuccesses Successes => _services!.GetRequiredService<UnrecordedSuccesses>();

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddWebhooks().AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection()
            .AddSignatureProfile("acme", _ => [new("X-Acme", "signed")])
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
    public async Task Its_place_is_free_for_the_next_one_before_a_success_is_durable()
    {
        var leased = await ClaimAsync();
        await using (var connection = await _store.OpenAsync())
        await using (await connection.BeginTransactionAsync(Cancellation))
        {
            // Returns although nothing can be written.
            await Runner.RunAsync(leased, Cancellation).WaitAsync(Patience, Cancellation);
            Assert.False(Successes.WhenNone().IsCompleted);
        }

        Assert.Equal(WebhookDeliveryStatus.Delivered, (await RecordedAsync(leased)).Status);
    }

    [Fact]
    public async Task A_failure_holds_its_place_until_it_is_durable()
    {
        _receiver.Status = HttpStatusCode.InternalServerError;
        var leased = await ClaimAsync();
        Task running;
        await using (var connection = await _store.OpenAsync())
        await using (await connection.BeginTransactionAsync(Cancellation))
        {
            running = Runner.RunAsync(leased, Cancellation);
            await _receiver.Reached.Task;
            Assert.True(Successes.WhenNone().IsCompleted);
            Assert.False(running.IsCompleted);
        }

        await running;
        Assert.Equal(1, (await Deliveries.FindAsync(leased.Id, Cancellation))!.Attempts);
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

    [Fact]
    public async Task A_webhook_with_a_schedule_of_its_own_is_retried_by_that_one()
    {
        await ChangeAsync(settings => settings with { RetryDelays = [TimeSpan.FromHours(3)] });
        _receiver.Status = HttpStatusCode.InternalServerError;

        var retrying = await RunAsync(await ClaimAsync());
        var wait = retrying.DueAt - retrying.LastAttempt!.FinishedAt;
        Assert.InRange(wait!.Value, TimeSpan.FromHours(3 * 0.8) - TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(3 * 1.2));

        _time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(WebhookDeliveryStatus.Exhausted, (await RunAsync(await ClaimAsync())).Status);
    }

    [Fact]
    public async Task A_webhook_with_a_timeout_of_its_own_is_waited_for_so_long()
    {
        await ChangeAsync(settings => settings with { Timeout = TimeSpan.FromSeconds(3) });
        _receiver.Hangs = true;
        var leased = await ClaimAsync();
        var running = RunAsync(leased);
        await _receiver.Reached.Task;

        _time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(1));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(WebhookDeliveryStatus.Retrying, (await running).Status);
    }

    [Fact]
    public async Task A_timeout_that_is_too_long_for_the_lease_is_cut_and_it_is_sent_all_the_same()
    {
        await ChangeAsync(settings => settings with { Timeout = TimeSpan.FromMinutes(5) });

        Assert.Equal(WebhookDeliveryStatus.Delivered, (await RunAsync(await ClaimAsync())).Status);
    }

    [Fact]
    public async Task Its_own_headers_are_sent_and_the_log_has_their_names_alone()
    {
        await ChangeAsync(settings => settings with { Headers = [new("X-Api-Key", "a-value-of-its-own"), new("Authorization", "Bearer of-its-own")] });

        var delivery = await RunAsync(await ClaimAsync());

        Assert.Equal("a-value-of-its-own", Assert.Single(_receiver.Headers!.GetValues("X-Api-Key")));
        Assert.Equal("Bearer of-its-own", Assert.Single(_receiver.Headers!.GetValues("Authorization")));
        var logged = delivery.LastAttempt!.RequestHeaders;
        Assert.Equal([new("X-Api-Key", "***"), new("Authorization", "***")], logged.TakeLast(2));
        Assert.Equal(6, logged.Count(header => header.Value != "***"));
    }

    [Fact]
    public async Task A_header_that_its_profile_sets_as_well_gives_way()
    {
        await ChangeAsync(settings => settings with { SignatureProfile = "acme", Headers = [new("x-acme", "mine"), new("X-Other", "mine")] });

        var delivery = await RunAsync(await ClaimAsync());

        Assert.Equal("signed", Assert.Single(_receiver.Headers!.GetValues("X-Acme")));
        Assert.Equal(["X-Acme signed", "X-Other ***"], delivery.LastAttempt!.RequestHeaders.TakeLast(2).Select(header => $"{header.Key} {header.Value}"));
    }

    [Fact]
    public async Task With_a_header_that_cannot_be_read_it_is_parked_unsent()
    {
        await ChangeAsync(settings => settings with { Headers = [new("X-Api-Key", "a-value-of-its-own")] });
        await _services!.GetRequiredService<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                "update webhooks set headers = replace(headers, 'plain:', 'lost:'); update webhook_state set value = value + 1", transaction: transaction),
            Cancellation);
        _services!.GetRequiredService<WebhookDirectory>().Expect(long.MaxValue);

        var delivery = await RunAsync(await ClaimAsync());

        Assert.Equal(
            (WebhookDeliveryStatus.Parked, WebhookAttemptOutcome.SecretUnreadable, 0),
            (delivery.Status, delivery.LastAttempt?.Outcome, _receiver.Requests));
    }

    [Theory]
    [InlineData("old", true, false)]
    [InlineData("new", true, true)]
    [InlineData("old new", true, true)]
    public async Task A_receiver_with_these_secrets_accepts_it_during_the_overlap_and_after(string secrets, bool during, bool after)
    {
        const string Old = "the-old-secret-of-the-shop";
        const string New = "the-new-secret-of-the-shop";
        await ChangeAsync(settings => settings with { Secret = Old });
        var verifier = new WebhookVerifier(secrets.Replace("old", Old).Replace("new", New).Split(' '), timeProvider: _time);
        _receiver.Status = HttpStatusCode.InternalServerError;
        await RunAsync(await ClaimAsync());
        Assert.Equal(secrets != "new", Accepts());

        // N11: between two attempts.
        await Registry.RotateSecretAsync(1, New, TimeSpan.FromHours(1), Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await RunAsync(await ClaimAsync());
        Assert.Equal(during, Accepts());
        Assert.Equal(2, Signatures().Split(' ').Length);

        _time.Advance(TimeSpan.FromHours(1));
        await RunAsync(await ClaimAsync());
        Assert.Equal(after, Accepts());
        Assert.Single(Signatures().Split(' '));

        string Signatures() => _receiver.Headers!.GetValues("webhook-signature").Single();

        bool Accepts() => verifier.Verify(
            "{}"u8, _receiver.Headers!.GetValues("webhook-id").Single(), _receiver.Headers!.GetValues("webhook-timestamp").Single(), Signatures()).IsValid;
    }

    [Fact]
    public async Task A_secret_that_was_revoked_signs_no_more()
    {
        await Registry.RotateSecretAsync(1, "the-new-secret-of-the-shop", TimeSpan.FromHours(1), Cancellation);
        await Registry.RevokeSecretsAsync(1, Cancellation);

        await RunAsync(await ClaimAsync());

        Assert.Single(_receiver.Headers!.GetValues("webhook-signature").Single().Split(' '));
    }

    private async Task ChangeAsync(Func<WebhookSettings, WebhookSettings> change) =>
        await Registry.ChangeAsync(1, change((await Registry.FindAsync(1, Cancellation))!.ToSettings()), Cancellation);

    private async Task<LeasedDelivery> ClaimAsync()
    {
        var now = _services!.GetRequiredService<StoreClock>().Now;
        var request = new ClaimRequest(10, 10, 0, new Dictionary<long, int>(), now, now + (long)Lease.TotalMilliseconds, _time.GetTimestamp());
        return Assert.Single((await _services!.GetRequiredService<SqlDialect>().ClaimAsync(request, Cancellation)).Deliveries);
    }

    private async Task<WebhookDelivery> RunAsync(LeasedDelivery leased)
    {
        await _services!.GetRequiredService<WebhookDirectory>().GetAsync(Cancellation);
        await Runner.RunAsync(leased, Cancellation);
        return await RecordedAsync(leased);
    }

    private async Task<WebhookDelivery> RecordedAsync(LeasedDelivery leased)
    {
        await Successes.WhenNone();
        return (await Deliveries.FindAsync(leased.Id, Cancellation))!;
    }

    private sealed class Receiver : DelegatingHandler
    {
        public int Requests { get; private set; }

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public bool Hangs { get; set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HttpRequestHeaders? Headers { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            Headers = request.Headers;
            Reached.TrySetResult();
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new HttpResponseMessage(Status);
        }
    }
}
