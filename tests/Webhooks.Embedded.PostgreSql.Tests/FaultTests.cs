using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>Connections that break, servers that go away, transactions that lose.</summary>
public sealed class FaultTests : PostgreSqlHosts
{
    [Fact]
    public async Task An_event_whose_commit_was_not_answered_is_published_once_and_not_left_to_its_lease()
    {
        var parts = new NpgsqlConnectionStringBuilder(ConnectionString);
        await using var thief = new AnswerThief(parts.Host!, parts.Port);
        parts.Host = "127.0.0.1";
        parts.Port = thief.Port;
        var node = Node(parts.ToString());
        await RegisterAsync(node);
        OpenHandover(node);
        await PublishAsync(node);
        Assert.Empty((await ClaimAsync(node)).Deliveries);

        thief.StealNextAnswer();
        var published = await PublishAsync(node);

        Assert.Equal((1, 1, false), (thief.Stolen, published.Deliveries, published.IsDuplicate));
        Assert.Equal(2, await QueryAsync<int>($"select count(*) from {Schema}.webhook_events"));
        var delivery = Assert.Single((await ClaimAsync(node)).Deliveries);
        Assert.Equal((published.Id, 0), (delivery.EventUid, delivery.Attempts));
    }

    [Fact]
    public async Task An_open_transaction_that_holds_an_idempotency_key_keeps_nobody_else_waiting()
    {
        var node = Node();
        await RegisterAsync(node);
        var publisher = node.GetRequiredService<IWebhookPublisher>();
        var options = new PublishOptions { IdempotencyKey = "key" };
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await publisher.PublishJsonAsync("order.created", "{}"u8.ToArray(), transaction, options, Cancellation);

        // All of them are in the first batches that the writer takes together.
        var sameKey = publisher.PublishJsonAsync("order.created", "{}"u8.ToArray(), options, Cancellation);
        var others = Enumerable.Range(0, 20).Select(_ => PublishAsync(node));

        await Task.WhenAll(others);
        var held = await Assert.ThrowsAsync<WebhookStoreException>(() => sameKey);
        Assert.True(held.IsTransient);
        Assert.Contains("idempotency key", held.Message, StringComparison.Ordinal);
        await transaction.CommitAsync(Cancellation);
        Assert.True((await publisher.PublishJsonAsync("order.created", "{}"u8.ToArray(), options, Cancellation)).IsDuplicate);
    }

    [Fact]
    public async Task Webhooks_that_are_being_read_do_not_replace_newer_ones_that_somebody_else_has_read_meanwhile()
    {
        var node = Node();
        await RegisterAsync(node);
        var directory = node.GetRequiredService<WebhookDirectory>();
        await using var other = new NpgsqlConnection(ConnectionString);
        await other.OpenAsync(Cancellation);
        await other.ExecuteAsync($"update {Schema}.webhook_state set value = value + 1 where name = 'catalogue'");
        await using var transaction = await other.BeginTransactionAsync(Cancellation);
        await other.ExecuteAsync($"lock table {Schema}.webhook_secrets", transaction: transaction);
        var reading = directory.RefreshAsync(Cancellation).AsTask();
        await UntilWaitingAsync();

        var newer = new WebhookSnapshot(1, await QueryAsync<long>($"select value + 1 from {Schema}.webhook_state where name = 'catalogue'"), []);
        directory.Remember(newer);
        await transaction.CommitAsync(Cancellation);

        Assert.Same(newer, await reading);
        Assert.Same(newer, directory.Current);
    }

    [Fact]
    public async Task Events_for_many_webhooks_are_stored_in_transactions_that_end_in_time()
    {
        const int webhooks = 200;
        const int events = 400;
        var node = Node();
        await RegisterAsync(node);
        await using var other = new NpgsqlConnection(ConnectionString);
        await other.ExecuteAsync(
            $"""
            insert into {Schema}.webhooks (uid, version, created_at, updated_at, enabled, verify_tls, tenant, name, url, url_number, triggers, secret_hint)
            select gen_random_uuid(), version, created_at, updated_at, enabled, verify_tls, tenant, name, url, url_number, triggers, secret_hint
            from {Schema}.webhooks, generate_series(2, {webhooks});
            update {Schema}.webhook_state set value = value + 1 where name = 'catalogue'
            """);

        await Task.WhenAll(Enumerable.Range(0, events).Select(_ => PublishAsync(node)));

        Assert.Equal(webhooks * events, await QueryAsync<int>($"select count(*) from {Schema}.webhook_queue"));
        Assert.InRange(
            await QueryAsync<int>($"select max(count) from (select count(*) from {Schema}.webhook_queue group by xmin::text) t"), webhooks, (16 * 1024) + webhooks);
    }

    [Fact]
    public async Task A_change_that_is_chosen_as_the_victim_of_a_deadlock_is_made_again()
    {
        var node = Node();
        var webhook = await RegisterAsync(node);
        await using var other = new NpgsqlConnection(ConnectionString);
        await other.OpenAsync(Cancellation);
        await using var transaction = await other.BeginTransactionAsync(Cancellation);
        await other.ExecuteAsync("set local deadlock_timeout = '60s'", transaction: transaction);
        await other.ExecuteAsync($"update {Schema}.webhooks set name = 'x' where id = {webhook.Id}", transaction: transaction);
        var changing = node.GetRequiredService<IWebhookRegistry>().ChangeAsync(
            webhook.Id, new WebhookSettings { Name = "changed", Url = webhook.Url, Triggers = ["*"] }, Cancellation);
        await UntilWaitingAsync();

        await other.ExecuteAsync($"update {Schema}.webhook_state set value = value", transaction: transaction);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal("changed", (await changing)!.Name);
        Assert.True(await QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()") > 0);
    }

    [Fact]
    public async Task An_event_that_is_sent_to_one_more_webhook_while_retention_looks_at_it_stays()
    {
        var node = Node();
        var published = await PublishAsync(node);
        var webhook = await RegisterAsync(node);
        await using var other = new NpgsqlConnection(ConnectionString);
        await other.OpenAsync(Cancellation);
        await using var transaction = await other.BeginTransactionAsync(Cancellation);

        // As EventDeliveries does it, and not committed yet.
        await other.ExecuteAsync(
            $"""
            update {Schema}.webhook_events set created_at = created_at;
            insert into {Schema}.webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
            select id, {webhook.Id}, 0, 0, 0, 0, 0 from {Schema}.webhook_events
            """,
            transaction: transaction);
        var deleting = node.GetRequiredService<RetentionRepository>().DeleteEventsAsync(long.MaxValue, Cancellation);
        await UntilWaitingAsync();
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(0, await deleting);
        Assert.Equal(published.Id, Assert.Single((await ClaimAsync(node)).Deliveries).EventUid);
    }

    [Fact]
    public async Task A_bulk_step_that_finds_a_delivery_under_way_does_not_keep_its_outcome_waiting()
    {
        var node = Node();
        await RegisterAsync(node);
        await PublishAsync(node);
        var delivery = Assert.Single((await ClaimAsync(node)).Deliveries);
        var queue = node.GetRequiredService<QueueRepository>();
        var cancellations = node.GetRequiredService<CancelRepository>();

        // Recorded while the transaction is open: what one waits for would be the other.
        var (retry, cancellation) = await node.GetRequiredService<WebhookDatabase>().WriteAsync(
            async (connection, transaction) =>
            {
                var results = (
                    await queue.RetryAsync(delivery.Id, connection, transaction),
                    await cancellations.CancelAsync(delivery.Id, connection, transaction));
                await RecordAsync(node, [delivery], isDelivered: true).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
                return results;
            },
            Cancellation);

        Assert.Equal((WebhookRetryResult.UnderWay, WebhookCancelResult.UnderWay), (retry, cancellation));
        Assert.Equal(1, await QueryAsync<int>($"select count(*) from {Schema}.webhook_deliveries"));
    }

    [Fact]
    public async Task While_the_server_is_away_publishing_says_so_and_works_again_when_it_is_back()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var node = Node(await server.CreateDatabaseAsync("app"));
        await RegisterAsync(node);
        await PublishAsync(node);

        await server.StopAsync(immediate: true);
        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => PublishAsync(node));
        Assert.True(refused.IsTransient);
        Assert.Contains("/app", refused.Message, StringComparison.Ordinal);
        await server.StartAsync();

        await PublishAsync(node);
        await server.TerminateConnectionsAsync();
        await PublishAsync(node);
        Assert.Equal(3, (await ClaimAsync(node)).Deliveries.Count);
    }

    [Fact]
    public async Task Publishing_in_the_apps_transaction_leaves_its_settings_alone()
    {
        var node = Node();
        await RegisterAsync(node);
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        await node.GetRequiredService<IWebhookPublisher>().PublishJsonAsync(
            "order.created", "{}"u8.ToArray(), transaction, cancellationToken: Cancellation);

        Assert.Equal("on", await connection.ExecuteScalarAsync<string>("show enable_seqscan", transaction: transaction));
        Assert.Equal("0", await connection.ExecuteScalarAsync<string>("show lock_timeout", transaction: transaction));
    }

    [Fact]
    public async Task A_transaction_on_another_database_is_refused()
    {
        var node = Node();
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres" }.ToString());
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => node.GetRequiredService<SqlDialect>().InsertAsync(null!, 0, transaction, Cancellation));

        Assert.Contains("'postgres'", refused.Message, StringComparison.Ordinal);
    }

    private async Task UntilWaitingAsync()
    {
        while (await QueryAsync<int>($"select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%{Schema}%'") == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }
    }
}
