using System.Diagnostics;
using Dapper;
using Microsoft.Data.Sqlite;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>What only SQLite has: one writer, transactions that begin as readers, names of files.</summary>
public sealed class SqliteCallersTransactionTests : StoreTest<SqliteStore>
{
    private static readonly object Payload = new();

    [Theory]
    [InlineData(30)]
    [InlineData(0)] // without an end
    public async Task A_deferred_transaction_that_has_not_read_waits_for_the_writer_and_sees_what_it_wrote(int timeout)
    {
        await using var connection = await OpenAsync();
        connection.DefaultTimeout = timeout;
        await using var transaction = connection.BeginTransaction(deferred: true);
        var scope = await Get<SqlDialect>().BeginWriteAsync(Cancellation);

        var publishing = Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation);
        Assert.False(publishing.IsCompleted);
        await scope.DisposeAsync();
        await publishing;
        await transaction.CommitAsync(Cancellation);

        Assert.NotNull(await Events.FindAsync((await publishing).Id, Cancellation));
    }

    [Fact]
    public async Task A_deferred_transaction_that_has_read_old_rows_is_told_at_once_how_to_begin()
    {
        await using var connection = await OpenAsync();
        await using var transaction = connection.BeginTransaction(deferred: true);
        await connection.ExecuteScalarAsync<int>("select count(*) from webhooks", transaction: transaction);
        await RegisterAsync();

        var clock = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<WebhookStoreException>(
            () => Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation));

        Assert.Contains("BeginTransaction()", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), "It waited for what cannot come.");
        await transaction.RollbackAsync(Cancellation);
    }

    [Fact]
    public async Task A_deferred_transaction_that_has_read_goes_on_where_nobody_wrote_since()
    {
        await RegisterAsync();
        await using var connection = await OpenAsync();
        await using var transaction = connection.BeginTransaction(deferred: true);
        await connection.ExecuteScalarAsync<int>("select count(*) from webhooks", transaction: transaction);

        var published = await Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(published.Id, Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items).EventId);
    }

    [Fact]
    public async Task A_transaction_on_another_file_or_in_memory_is_refused()
    {
        var other = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Store.Path)!, "other.db");
        await using var connection = new SqliteConnection($"Data Source={other}");
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var otherFile = await Assert.ThrowsAsync<ArgumentException>(
            () => Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation));
        Assert.Contains(other, otherFile.Message, StringComparison.Ordinal);
        Assert.Contains(Store.Path, otherFile.Message, StringComparison.Ordinal);

        await using var memory = new SqliteConnection("Data Source=:memory:");
        await memory.OpenAsync(Cancellation);
        await using var inMemory = await memory.BeginTransactionAsync(Cancellation);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => Publisher.PublishAsync("order.paid", Payload, inMemory, cancellationToken: Cancellation));
        Assert.Contains("in memory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_name_of_the_file_is_the_same_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var directory = System.IO.Path.GetDirectoryName(Store.Path)!;
        var link = File.CreateSymbolicLink(System.IO.Path.Combine(directory, "link.db"), Store.Path).FullName;
        await using var connection = new SqliteConnection($"Data Source={link}");
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        var published = await Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.NotNull(await Events.FindAsync(published.Id, Cancellation));
    }

    [Fact]
    public async Task A_failure_half_way_leaves_nothing_of_the_event_in_the_transaction()
    {
        await RegisterAsync();
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync("create trigger fails before insert on webhook_queue begin select raise(abort, 'It fails.'); end");
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await Assert.ThrowsAsync<WebhookStoreException>(
                () => Publisher.PublishAsync("order.paid", Payload, transaction, cancellationToken: Cancellation));
            await transaction.CommitAsync(Cancellation);
        }

        Assert.Empty((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    private async Task<SqliteConnection> OpenAsync() => (SqliteConnection)await Store.OpenAsync();
}
