using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>An event on the transaction of a caller: there exactly if the caller commits, and nothing that it does ends the transaction.</summary>
public sealed class SqlServerTransactionTests : StoreTest<SqlServerStore>
{
    private SqlDialect Dialect => Get<SqlDialect>();

    [Fact]
    public async Task An_event_exists_exactly_if_the_caller_commits()
    {
        await RegisterAsync();
        await RegisterAsync("other");
        await using var connection = await ConnectAsync();

        await using (var transaction = (SqlTransaction)await connection.BeginTransactionAsync(Cancellation))
        {
            Assert.Equal(NewEventResult.Stored, (await InsertAsync(transaction)).Result);
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Empty((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
        NewEvent committed;
        await using (var transaction = (SqlTransaction)await connection.BeginTransactionAsync(Cancellation))
        {
            committed = await InsertAsync(transaction);
            Assert.Empty((await ClaimAsync()).Deliveries);
            await transaction.CommitAsync(Cancellation);
        }

        var claimed = (await ClaimAsync()).Deliveries;
        Assert.Equal(committed.Deliveries.Select(delivery => delivery.Id), claimed.Select(delivery => delivery.Id));
        Assert.All(claimed, delivery => Assert.Equal((committed.Uid, committed.Id), (delivery.EventUid, delivery.EventId)));
    }

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

        Assert.Equal(NewEventResult.Stored, (await InsertAsync(transaction, "key")).Result);
        await transaction.CommitAsync(Cancellation);

        Assert.Single((await ClaimAsync()).Deliveries);
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

        var duplicate = await InsertAsync(transaction, "key");
        var conflict = await InsertAsync(transaction, "key", "[]");
        var stored = await InsertAsync(transaction, "another");
        var again = await InsertAsync(transaction, "another");
        await transaction.CommitAsync(Cancellation);

        Assert.Equal((NewEventResult.Duplicate, first.Id), (duplicate.Result, duplicate.ExistingUid));
        Assert.Equal((NewEventResult.Conflict, first.Id), (conflict.Result, conflict.ExistingUid));
        Assert.Equal(NewEventResult.Stored, stored.Result);
        Assert.Equal((NewEventResult.Duplicate, stored.Uid), (again.Result, again.ExistingUid));
        Assert.Equal(2, (await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items.Count);
    }

    [Fact]
    public async Task A_key_that_another_transaction_takes_in_the_same_moment_is_a_duplicate_and_nothing_ends()
    {
        await RegisterAsync();
        await using var first = await ConnectAsync();
        await using var second = await ConnectAsync();
        await using var one = (SqlTransaction)await first.BeginTransactionAsync(Cancellation);
        await using var other = (SqlTransaction)await second.BeginTransactionAsync(Cancellation);
        var stored = await InsertAsync(one, "key");

        var waiting = Task.Run(() => InsertAsync(other, "key"), Cancellation);
        await Task.WhenAny(waiting, Task.Delay(300, Cancellation));
        Assert.False(waiting.IsCompleted);
        await one.CommitAsync(Cancellation);
        var duplicate = await waiting;

        Assert.Equal((NewEventResult.Duplicate, stored.Uid), (duplicate.Result, duplicate.ExistingUid));
        Assert.Equal(NewEventResult.Stored, (await InsertAsync(other, "another")).Result);
        await other.CommitAsync(Cancellation);
        Assert.Equal(2, (await ClaimAsync()).Deliveries.Count);
    }

    [Fact]
    public async Task Webhooks_that_changed_are_told_and_nothing_is_stored()
    {
        await RegisterAsync();
        await using var connection = await ConnectAsync();
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(Cancellation);

        var changed = await InsertAsync(transaction, catalogueVersion: 0);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(NewEventResult.CatalogueChanged, changed.Result);
        Assert.Empty((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task A_transaction_of_another_database_is_refused_and_both_are_named()
    {
        await using var connection = await ConnectAsync();
        var own = connection.Database;
        await connection.ChangeDatabaseAsync(string.Equals(own, "master", StringComparison.OrdinalIgnoreCase) ? "tempdb" : "master", Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => InsertAsync(transaction));

        Assert.Contains(own, refused.Message, StringComparison.Ordinal);
        Assert.Contains(connection.Database, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_has_ended_is_refused()
    {
        await using var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await transaction.RollbackAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => InsertAsync(transaction));
        Assert.Contains("ended", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<SqlConnection> ConnectAsync()
    {
        var connection = Server.Connect();
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private async Task<NewEvent> InsertAsync(DbTransaction transaction, string? key = null, string payload = "{}", long? catalogueVersion = null)
    {
        var webhooks = (await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items;
        var newEvent = new NewEvent
        {
            Uid = Guid.CreateVersion7(),
            Trigger = "order.created",
            Tenant = "",
            Target = null,
            IdempotencyKey = key,
            Payload = System.Text.Encoding.UTF8.GetBytes(payload),
            Deliveries = [.. webhooks.Select(webhook => new NewDelivery(webhook.Id))],
            CatalogueVersion = catalogueVersion ?? (await Get<WebhookRepository>().LoadAsync(Cancellation)).Version,
        };
        await Dialect.InsertAsync(newEvent, Get<StoreClock>().Now, transaction, Cancellation);
        return newEvent;
    }

    private Task<ClaimResult> ClaimAsync()
    {
        var now = Get<StoreClock>().Now;
        return Dialect.ClaimAsync(new ClaimRequest(100, 100, 0, new HashSet<long>(), now, now + 60_000, 0), Cancellation);
    }
}
