using System.Data;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Publishing in transactions of the app while others write: for engines that have more than one writer.</summary>
public abstract class ConcurrentTransactionContract<TStore> : TransactionContract<TStore>
    where TStore : ITestStore, new()
{
    /// <summary>The level at which a transaction sees the store as it was when it first looked.</summary>
    protected abstract IsolationLevel SnapshotLevel { get; }

    [Fact]
    public async Task A_webhook_that_is_registered_while_the_transaction_is_open_gets_its_event()
    {
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, Cancellation);
        Assert.Equal(0, (await PublishAsync(transaction)).Deliveries);
        await RegisterAsync();

        var published = await PublishAsync(transaction);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(1, published.Deliveries);
        Assert.Equal(published.Id, (await ClaimOneAsync()).EventUid);
    }

    [Fact]
    public async Task A_transaction_with_a_snapshot_publishes_to_the_webhooks_that_the_node_knows_to_be_there()
    {
        await RegisterAsync("before");
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(SnapshotLevel, Cancellation);
        Assert.Equal(1, (await PublishAsync(transaction)).Deliveries);

        // The node knows the new one at once. The transaction never sees it, nor the version that the node goes by.
        await RegisterAsync("after");
        Assert.Equal(2, (await PublishAsync()).Deliveries);
        Assert.Equal(2, (await PublishAsync(transaction)).Deliveries);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(5, (await ClaimAsync()).Deliveries.Count);
        Assert.Equal(2, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task A_transaction_with_a_snapshot_does_not_make_the_node_forget_what_is_newer()
    {
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(SnapshotLevel, Cancellation);
        await PublishAsync(transaction);
        await RegisterAsync();
        await PublishAsync();
        var known = Get<WebhookDirectory>().Current.Version;

        await PublishAsync(transaction);

        Assert.Equal(known, Get<WebhookDirectory>().Current.Version);
        await transaction.RollbackAsync(Cancellation);
    }

    [Fact]
    public async Task Two_open_transactions_with_one_key_publish_one_event()
    {
        var options = new PublishOptions { IdempotencyKey = "once" };
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var first = await PublishAsync(transaction, options: options);
        var second = InTransactionAsync(other => PublishAsync(other, options: options));
        await transaction.CommitAsync(Cancellation);

        Assert.True((await second).IsDuplicate);
        Assert.Equal(first.Id, (await second).Id);
    }

    [Fact]
    public async Task Others_publish_and_claim_while_a_transaction_is_open()
    {
        await RegisterAsync();
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var late = await PublishAsync(transaction);

        var early = await PublishAsync();
        Assert.Equal(early.Id, (await ClaimOneAsync()).EventUid);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(late.Id, (await ClaimOneAsync()).EventUid);
    }

    // Later deliveries are due, claimed and finished: no claim may take that for a sign that nothing older will come.
    protected override async Task GoOnMeanwhileAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            await PublishAsync();
            await DeliverAsync();
        }
    }
}
