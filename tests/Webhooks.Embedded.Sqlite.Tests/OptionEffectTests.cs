using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>An option that nobody reads is a promise that nobody keeps. Those of retries and of single attempts are tested where these are.</summary>
public sealed class OptionEffectTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private readonly WebhooksOptions _set = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ServiceProvider Services => _services ??= Build();

    private IWebhookDeliveries Deliveries => Services.GetRequiredService<IWebhookDeliveries>();

    private IWebhookEvents Events => Services.GetRequiredService<IWebhookEvents>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task MaxPayloadBytes_is_the_largest_payload_that_is_stored()
    {
        _set.MaxPayloadBytes = 1024;

        await PublishAsync(new string('x', 1022));
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => PublishAsync(new string('x', 1023)));

        Assert.Equal(("payload", "too_large"), (refused.Errors[0].Field, refused.Errors[0].Code));
        Assert.Single((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 2)]
    public async Task MaxWebhooksPerTenant_is_how_many_webhooks_a_tenant_can_have_and_zero_is_no_limit(int max, int created)
    {
        _set.MaxWebhooksPerTenant = max;
        var registry = Services.GetRequiredService<IWebhookRegistry>();
        var settings = new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"], Tenant = "acme" };
        for (var i = 0; i < created; i++)
        {
            await registry.CreateAsync(settings, Cancellation);
        }

        if (max > 0)
        {
            var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => registry.CreateAsync(settings, Cancellation));
            Assert.Equal(("tenant", "too_many_webhooks"), (refused.Errors[0].Field, refused.Errors[0].Code));
            Assert.Contains("MaxWebhooksPerTenant", refused.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<WebhookValidationException>(() => registry.CreateAsync(settings, 5, Cancellation));
        }

        Assert.Equal(created, (await registry.ListAsync(new WebhookQuery(), Cancellation)).Items.Count);
    }

    [Fact]
    public async Task LeaseDuration_is_how_long_a_delivery_is_a_nodes()
    {
        _set.LeaseDuration = TimeSpan.FromSeconds(33);
        Services.GetRequiredService<DeliveryBuffer>().Open(() => { });

        await PublishAsync("x");

        var delivery = Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
        Assert.Equal((WebhookDeliveryStatus.Leased, _time.GetUtcNow().AddSeconds(33)), (delivery.Status, delivery.DueAt));
    }

    [Fact]
    public async Task PollInterval_is_when_the_dispatcher_looks_again_at_the_latest()
    {
        _set.PollInterval = TimeSpan.FromMilliseconds(123);
        await Services.GetRequiredService<WebhookDatabase>().EnsureReadyAsync(Cancellation);
        using var dispatcher = ActivatorUtilities.CreateInstance<WebhookDispatcher>(Services);

        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds() + 123, await dispatcher.ClaimOnceAsync(Cancellation));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(2, false)]
    public async Task Retention_Log_is_how_long_what_is_finished_is_kept_and_zero_is_for_ever(int days, bool isKept)
    {
        _set.Retention.Log = TimeSpan.FromDays(days);
        var id = await DeliverAsync();
        _time.Advance(TimeSpan.FromDays(3));

        await RetainAsync();

        Assert.Equal(isKept, await Deliveries.FindAsync(id, Cancellation) is not null);
        Assert.Equal(isKept ? 1 : 0, (await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(2, false)]
    public async Task Retention_Payload_is_how_long_a_payload_is_kept_and_zero_is_as_long_as_its_event(int days, bool isKept)
    {
        _set.Retention.Payload = TimeSpan.FromDays(days);
        var id = await DeliverAsync();
        _time.Advance(TimeSpan.FromDays(3));

        await RetainAsync();

        Assert.Equal(isKept, (await Deliveries.FindAsync(id, Cancellation))!.Payload is not null);
    }

    private async Task<long> DeliverAsync()
    {
        await PublishAsync("x");
        var now = Services.GetRequiredService<StoreClock>().Now;
        var request = new ClaimRequest(1, 1, 0, new Dictionary<long, int>(), now, now + 60_000, _time.GetTimestamp());
        var delivery = Assert.Single((await Services.GetRequiredService<SqlDialect>().ClaimAsync(request, Cancellation)).Deliveries);
        var attempt = new AttemptData { Number = 1, UrlNumber = 1, StartedAt = now, Outcome = WebhookAttemptOutcome.Delivered, StatusCode = 200 };
        await Services.GetRequiredService<StoreWriter>().RecordAsync(
            DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, now));
        return delivery.Id;
    }

    private async Task RetainAsync()
    {
        using var retention = ActivatorUtilities.CreateInstance<RetentionService>(Services);
        await retention.RunOnceAsync(Cancellation);
    }

    private async Task PublishAsync(string text)
    {
        if ((await Services.GetRequiredService<IWebhookRegistry>().ListAsync(new WebhookQuery(), Cancellation)).Items.Count == 0)
        {
            await Services.GetRequiredService<IWebhookRegistry>().CreateAsync(
                new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        }

        await Services.GetRequiredService<IWebhookPublisher>().PublishAsync("order.created", text, cancellationToken: Cancellation);
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddWebhooks(options =>
            {
                options.MaxPayloadBytes = _set.MaxPayloadBytes;
                options.MaxWebhooksPerTenant = _set.MaxWebhooksPerTenant;
                options.LeaseDuration = _set.LeaseDuration;
                options.PollInterval = _set.PollInterval;
                options.Retention = _set.Retention;
            })
            .UseSqlite(_store.ConnectionString).AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection();
        return services.BuildServiceProvider();
    }
}
