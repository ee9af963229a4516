using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite.Tests;

public sealed class DispatcherTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();
    private readonly CancellationTokenSource _stopping = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddWebhooks(options => options.Concurrency = 1).UseSqlite(_store.ConnectionString).AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection();
        services.Replace(ServiceDescriptor.Singleton<SqlDialect>(_ => new DialectAfterClaim(
            new SqliteDialect(SqliteFile.Parse(_store.ConnectionString), new WebhookTables("")), _stopping.CancelAsync)));
        _services = services.BuildServiceProvider();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        await _store.DropAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task What_was_claimed_as_the_host_began_to_stop_can_be_given_back()
    {
        await Get<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        await Get<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        using var dispatcher = ActivatorUtilities.CreateInstance<WebhookDispatcher>(_services!);

        // Another node changes a webhook, so that this one reads the webhooks anew between its claim and the hand-over.
        var webhook = Assert.Single((await Get<IWebhookRegistry>().ListAsync(new WebhookQuery(), Cancellation)).Items);
        await Get<WebhookRepository>().UpdateAsync(webhook.Id, webhook.ToSettings(), expectedVersion: null, Cancellation);

        await dispatcher.ClaimOnceAsync(_stopping.Token);

        Assert.True(_stopping.IsCancellationRequested);
        Assert.Single(Get<DeliveryBuffer>().TakeUnsent());
    }

    [Fact]
    public async Task A_node_that_has_no_room_for_more_still_learns_what_other_nodes_change_about_webhooks()
    {
        using var dispatcher = ActivatorUtilities.CreateInstance<WebhookDispatcher>(_services!);
        Get<DeliveryBuffer>().Open(() => { });
        for (var i = 0; i < 2; i++)
        {
            await Get<IWebhookRegistry>().CreateAsync(
                new WebhookSettings { Name = "a", Url = $"https://example.com/{i}", Triggers = ["*"] }, Cancellation);
        }

        await Get<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        Assert.Equal(0, Get<DeliveryBuffer>().PlanClaim(Get<WebhookDirectory>().Current).Max);
        await Get<WebhookRepository>().SetEnabledAsync(1, enabled: false, reason: null, Cancellation);

        await dispatcher.ClaimOnceAsync(Cancellation);

        Assert.False(Get<WebhookDirectory>().Current.Find(1)!.Enabled);
    }

    private T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
