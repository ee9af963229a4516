using System.Data.Common;
using System.Text;
using Dapper;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Publishing in the app's own transaction: event and deliveries exist exactly if it commits.</summary>
public abstract class TransactionContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task The_app_s_row_and_the_event_are_committed_together()
    {
        await using var orders = await AppTable.CreateAsync(Store);
        await RegisterAsync();
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await orders.InsertAsync(17, transaction);
        var published = await PublishAsync(transaction, payload: """{"id":17}""");
        await transaction.CommitAsync(Cancellation);

        Assert.Equal((1, false), (published.Deliveries, published.IsDuplicate));
        Assert.Equal(1, await orders.CountAsync());
        var stored = await Events.FindAsync(published.Id, Cancellation);
        Assert.Equal("""{"id":17}""", Encoding.UTF8.GetString(stored!.Payload!.Value.Span));
        Assert.Equal(published.Id, (await ClaimOneAsync()).EventUid);
    }

    [Fact]
    public async Task Neither_exists_after_a_rollback()
    {
        await using var orders = await AppTable.CreateAsync(Store);
        await RegisterAsync();
        PublishedEvent published;
        await using (var connection = await Store.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await orders.InsertAsync(17, transaction);
            published = await PublishAsync(transaction);
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Equal(0, await orders.CountAsync());
        await AssertNothingAsync(published);
    }

    [Fact]
    public async Task Nothing_exists_when_the_transaction_is_left_without_a_commit()
    {
        await RegisterAsync();
        PublishedEvent published;
        await using (var connection = await Store.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            published = await PublishAsync(transaction);
        }

        await AssertNothingAsync(published);
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_takes_back_what_was_published_after_it()
    {
        await RegisterAsync();
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        Assert.SkipUnless(transaction.SupportsSavepoints, "The driver's DbTransaction has no savepoints.");
        var kept = await PublishAsync(transaction);
        await transaction.SaveAsync("here", Cancellation);
        var taken = await PublishAsync(transaction);
        await transaction.RollbackAsync("here", Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(kept.Id, (await ClaimOneAsync()).EventUid);
        Assert.Null(await Events.FindAsync(taken.Id, Cancellation));
    }

    [Fact]
    public async Task Nobody_sees_the_event_before_the_commit()
    {
        await RegisterAsync();
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var published = await PublishAsync(transaction);

        Assert.False(await IsSeenAsync(published.Id));
        await transaction.CommitAsync(Cancellation);
        Assert.True(await IsSeenAsync(published.Id));
    }

    [Fact]
    public async Task A_transaction_takes_many_events_in_order()
    {
        await RegisterAsync();
        await RegisterAsync("second");
        var ids = new List<Guid>();
        await using (var connection = await Store.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            for (var i = 0; i < 200; i++)
            {
                ids.Add((await PublishAsync(transaction)).Id);
            }

            await transaction.CommitAsync(Cancellation);
        }

        var claimed = (await ClaimAsync(max: 1000, maxPerWebhook: 1000)).Deliveries;
        Assert.Equal(400, claimed.Count);
        Assert.All(
            claimed.GroupBy(delivery => delivery.WebhookId),
            ofOne => Assert.Equal(ids, ofOne.OrderBy(delivery => delivery.Id).Select(delivery => delivery.EventUid)));
    }

    [Fact]
    public async Task An_event_of_a_transaction_that_was_open_for_long_is_claimed_after_its_commit()
    {
        await RegisterAsync();
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var published = await PublishAsync(transaction);

        Time.Advance(TimeSpan.FromHours(3));
        await GoOnMeanwhileAsync();
        await transaction.CommitAsync(Cancellation);

        Assert.Contains((await ClaimAsync()).Deliveries, delivery => delivery.EventUid == published.Id);
    }

    [Fact]
    public async Task A_committed_event_is_not_leased_so_that_any_node_may_claim_it()
    {
        await RegisterAsync();
        OpenHandover();
        await InTransactionAsync(transaction => PublishAsync(transaction));

        var delivery = await ClaimOneAsync();
        Assert.Equal((1, 1, 0), (delivery.LeaseSequence, delivery.Claims, delivery.Attempts));
    }

    [Fact]
    public async Task Notify_wakes_the_dispatcher_of_this_node()
    {
        await RegisterAsync();
        var published = await InTransactionAsync(transaction => PublishAsync(transaction));
        var awake = Get<DispatchSignal>().WaitAsync(Cancellation);
        Assert.False(awake.IsCompleted);

        published.Notify();

        await awake;
    }

    [Fact]
    public async Task Every_way_to_publish_takes_a_transaction()
    {
        var options = new PublishOptions { Target = "17" };
        var published = await InTransactionAsync(async transaction => new[]
        {
            await Publisher.PublishAsync(new UserCreated(1), transaction, Cancellation),
            await Publisher.PublishAsync(new UserCreated(2), transaction, options, Cancellation),
            await Publisher.PublishAsync("order.paid", new { Id = 3 }, transaction, cancellationToken: Cancellation),
            await Publisher.PublishAsync("order.paid", new { Id = 4 }, transaction, options, Cancellation),
            await Publisher.PublishJsonAsync("order.paid", """{"id":5}"""u8.ToArray(), transaction, cancellationToken: Cancellation),
            await Publisher.PublishJsonAsync("order.paid", """{"id":6}"""u8.ToArray(), transaction, options, Cancellation),
        });

        for (var i = 0; i < published.Length; i++)
        {
            var stored = await Events.FindAsync(published[i].Id, Cancellation);
            Assert.Equal($$"""{"id":{{i + 1}}}""", Encoding.UTF8.GetString(stored!.Payload!.Value.Span));
            Assert.Equal((i < 2 ? "user.created" : "order.paid", i % 2 == 0 ? null : "17"), (stored.Trigger, stored.Target));
        }
    }

    [Fact]
    public async Task A_webhook_that_another_node_registered_or_disabled_a_moment_ago_gets_what_it_should()
    {
        await InTransactionAsync(transaction => PublishAsync(transaction));

        // Behind the back of what this node remembers of the webhooks, as another node does it.
        var otherNode = Get<Storage.WebhookRepository>();
        var (webhook, _) = await otherNode.InsertAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, "a-secret-of-its-own", check: null, Cancellation);
        Assert.Equal(1, (await InTransactionAsync(transaction => PublishAsync(transaction))).Deliveries);

        await otherNode.SetEnabledAsync(webhook.Id, enabled: false, reason: null, Cancellation);
        Assert.Equal(0, (await InTransactionAsync(transaction => PublishAsync(transaction))).Deliveries);

        // What the transaction read, the node knows from then on.
        Assert.False(Get<Storage.WebhookDirectory>().Current.Find(webhook.Id)!.Enabled);
    }

    [Fact]
    public async Task A_key_that_was_used_before_publishes_nothing_and_returns_the_first_event()
    {
        await RegisterAsync();
        var options = new PublishOptions { IdempotencyKey = "order-17" };
        var first = await PublishAsync(options: options);

        var second = await InTransactionAsync(transaction => PublishAsync(transaction, options: options));

        Assert.True(second.IsDuplicate);
        Assert.Equal(first.Id, second.Id);
        Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task A_key_that_is_used_twice_in_one_transaction_publishes_once()
    {
        await RegisterAsync();
        var options = new PublishOptions { IdempotencyKey = "order-17" };

        var (first, second) = await InTransactionAsync(
            async transaction => (await PublishAsync(transaction, options: options), await PublishAsync(transaction, options: options)));

        Assert.Equal((false, true), (first.IsDuplicate, second.IsDuplicate));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Id, (await ClaimOneAsync()).EventUid);
    }

    [Fact]
    public async Task A_key_of_a_transaction_that_was_rolled_back_is_free()
    {
        var options = new PublishOptions { IdempotencyKey = "order-17" };
        await using (var connection = await Store.OpenAsync())
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await PublishAsync(transaction, options: options);
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.False((await InTransactionAsync(transaction => PublishAsync(transaction, options: options, payload: "[]"))).IsDuplicate);
    }

    [Fact]
    public async Task After_a_refusal_the_transaction_is_as_it_was()
    {
        await using var orders = await AppTable.CreateAsync(Store);
        var options = new PublishOptions { IdempotencyKey = "taken" };
        var first = await PublishAsync(options: options);

        await InTransactionAsync(async transaction =>
        {
            await orders.InsertAsync(17, transaction);
            await Assert.ThrowsAsync<WebhookValidationException>(() => PublishAsync(transaction, "not.there"));
            await Assert.ThrowsAsync<WebhookValidationException>(() => PublishAsync(transaction, payload: "{"));
            var conflict = await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(
                () => PublishAsync(transaction, options: options, payload: "[]"));
            Assert.Equal(first.Id, conflict.ExistingEventId);
            await orders.InsertAsync(18, transaction);
            return await PublishAsync(transaction);
        });

        Assert.Equal(2, await orders.CountAsync());
    }

    [Fact]
    public async Task Dapper_and_the_publisher_share_a_transaction()
    {
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("select 1", transaction: transaction));
        var published = await PublishAsync(transaction);
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("select 2", transaction: transaction));
        await transaction.CommitAsync(Cancellation);

        Assert.NotNull(await Events.FindAsync(published.Id, Cancellation));
    }

    [Fact]
    public async Task What_is_no_transaction_of_the_store_is_refused_in_clear_words()
    {
        await using var connection = await Store.OpenAsync();

        await Assert.ThrowsAsync<ArgumentNullException>(() => PublishAsync(transaction: null!));

        await using var other = new OtherTransaction(connection);
        var otherEngine = await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(other));
        Assert.Contains(nameof(OtherTransaction), otherEngine.Message, StringComparison.Ordinal);
        Assert.Contains(Dialect.Engine, otherEngine.Message, StringComparison.Ordinal);

        var committed = await connection.BeginTransactionAsync(Cancellation);
        await committed.CommitAsync(Cancellation);
        Assert.Contains("has ended", (await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(committed))).Message, StringComparison.Ordinal);

        var disposed = await connection.BeginTransactionAsync(Cancellation);
        await disposed.DisposeAsync();
        Assert.Contains("has ended", (await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(disposed))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_on_another_store_of_the_same_name_is_refused_before_anything_is_written()
    {
        await RegisterAsync();
        await PublishAsync();

        // What a node would find in the database of that name on another server.
        await Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync($"update {Dialect.Tables.State} set value = value + 1000", transaction: transaction),
            Cancellation);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => InTransactionAsync(transaction => PublishAsync(transaction)));

        Assert.Contains(Dialect.Location, refused.Message, StringComparison.Ordinal);
        Assert.Single((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    /// <summary>Whether somebody outside the transaction sees the event. Where readers wait for writers, this is to be asked in another way.</summary>
    protected virtual async Task<bool> IsSeenAsync(Guid eventId) => await Events.FindAsync(eventId, Cancellation) is not null;

    /// <summary>What other nodes do while a transaction is open. Where there is one writer, nothing.</summary>
    protected virtual Task GoOnMeanwhileAsync() => Task.CompletedTask;

    protected Task<PublishedEvent> PublishAsync(
        DbTransaction transaction, string trigger = "order.created", PublishOptions? options = null, string payload = "{}") =>
        Publisher.PublishJsonAsync(trigger, Encoding.UTF8.GetBytes(payload), transaction, options, Cancellation);

    protected async Task<T> InTransactionAsync<T>(Func<DbTransaction, Task<T>> use)
    {
        await using var connection = await Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var result = await use(transaction);
        await transaction.CommitAsync(Cancellation);
        return result;
    }

    private async Task AssertNothingAsync(PublishedEvent published)
    {
        Assert.Null(await Events.FindAsync(published.Id, Cancellation));
        Assert.Empty((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
        Assert.Empty((await ClaimAsync()).Deliveries);
    }
}
