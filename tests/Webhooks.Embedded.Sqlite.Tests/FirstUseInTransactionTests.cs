using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>The app holds SQLite's write lock before the schema was made: neither may wait for the other.</summary>
public sealed class FirstUseInTransactionTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        await _store.UseAsync(services.AddWebhooks().WithoutSecretProtection().AddTrigger("order.paid"));
        _services = services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task Publishing_in_a_transaction_before_the_host_has_started_is_refused_at_once_and_works_afterwards()
    {
        await using var connection = new SqliteConnection(_store.ConnectionString);
        await connection.OpenAsync(Cancellation);
        var publisher = _services!.GetRequiredService<IWebhookPublisher>();
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            var refusal = await Assert.ThrowsAsync<WebhookStoreException>(
                () => publisher.PublishAsync("order.paid", new { }, transaction, cancellationToken: Cancellation));
            Assert.Contains("Start the host", refusal.Message, StringComparison.Ordinal);
        }

        await _services!.GetRequiredService<IWebhookRegistry>().ListAsync(new WebhookQuery(), Cancellation);
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await publisher.PublishAsync("order.paid", new { }, transaction, cancellationToken: Cancellation);
            await transaction.CommitAsync(Cancellation);
        }
    }
}
