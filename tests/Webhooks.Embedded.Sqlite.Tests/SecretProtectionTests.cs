using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.DependencyInjection;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>An app does not come up to store secrets as they are, unless it has said so.</summary>
public sealed class SecretProtectionTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _store.DropAsync();

    [Fact]
    public async Task Without_a_protector_the_start_fails_and_the_message_names_the_choices()
    {
        await using var services = Services(_ => { });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Starter(services).StartAsync(Cancellation));

        Assert.All(
            ["Webhooks.Embedded.AspNetCore", "ISecretProtector", "WithoutSecretProtection()"],
            choice => Assert.Contains(choice, failure.Message, StringComparison.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => services.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"] }, Cancellation));
        Assert.Empty((await services.GetRequiredService<IWebhookRegistry>().ListAsync(new WebhookQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task An_app_that_says_so_starts()
    {
        await using var services = Services(webhooks => webhooks.WithoutSecretProtection());

        await Starter(services).StartAsync(Cancellation);
    }

    private static IHostedService Starter(ServiceProvider services) => services.GetServices<IHostedService>().OfType<StoreStarter>().Single();

    private ServiceProvider Services(Action<IWebhooksBuilder> configure)
    {
        var services = new ServiceCollection().AddLogging();
        configure(services.AddWebhooks().WithoutDispatcher().UseSqlite(_store.ConnectionString).AddTrigger("order.paid"));
        return services.BuildServiceProvider();
    }
}
