using System.Data;
using System.Data.Common;
using System.Text;
using Dapper;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>What only SQL Server has: levels of isolation, errors that may end a transaction, many databases on one connection.</summary>
public sealed class SqlServerTransactionTests : StoreTest<SqlServerStore>
{
    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task It_works_in_transactions_of_every_isolation(IsolationLevel isolation)
    {
        if (isolation != IsolationLevel.ReadCommitted)
        {
            await Server.SkipIfNotMicrosoftsAsync($"has no {isolation}");
        }

        await RegisterAsync();
        await using var connection = await ConnectAsync();
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(isolation, Cancellation);

        var published = await PublishAsync(transaction, "key");
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(published.Id, Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items).EventId);
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task A_key_that_is_taken_does_not_end_the_callers_transaction(string abortOnError)
    {
        await RegisterAsync();
        var first = await PublishAsync(options: new PublishOptions { IdempotencyKey = "key" });
        await using var connection = await ConnectAsync();
        await connection.ExecuteAsync($"set xact_abort {abortOnError}");
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(Cancellation);

        var duplicate = await PublishAsync(transaction, "key");
        var conflict = await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => PublishAsync(transaction, "key", "[]"));
        var stored = await PublishAsync(transaction, "another");
        var again = await PublishAsync(transaction, "another");
        await transaction.CommitAsync(Cancellation);

        Assert.Equal((true, first.Id), (duplicate.IsDuplicate, duplicate.Id));
        Assert.Equal(first.Id, conflict.ExistingEventId);
        Assert.Equal((false, true, stored.Id), (stored.IsDuplicate, again.IsDuplicate, again.Id));
        Assert.Equal(2, (await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items.Count);
    }

    [Fact]
    public async Task A_transaction_of_another_database_is_refused_and_both_are_named()
    {
        await using var connection = await ConnectAsync();
        var own = connection.Database;
        await connection.ChangeDatabaseAsync(string.Equals(own, "master", StringComparison.OrdinalIgnoreCase) ? "tempdb" : "master", Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(transaction));

        Assert.Contains(own, refused.Message, StringComparison.Ordinal);
        Assert.Contains(connection.Database, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<SqlConnection> ConnectAsync()
    {
        var connection = Server.Connect();
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private Task<PublishedEvent> PublishAsync(DbTransaction transaction, string? key = null, string payload = "{}") =>
        Publisher.PublishJsonAsync(
            "order.created", Encoding.UTF8.GetBytes(payload), transaction, new PublishOptions { IdempotencyKey = key }, Cancellation);
}
