using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>The traps of the planner and of vacuum, counted by the server itself: rows and pages, not time.</summary>
[Collection(nameof(Alone))]
public sealed class PlanTests : PostgreSqlHosts
{
    private const int Deliveries = 600;

    [Fact]
    public async Task No_table_and_no_index_is_read_through_although_the_statistics_say_that_the_queue_is_empty()
    {
        var first = Node();
        await RegisterAsync(first);
        await first.DisposeAsync();
        await ExecuteAsync($"vacuum analyze {Schema}.webhook_queue; vacuum analyze {Schema}.webhook_deliveries; vacuum analyze {Schema}.webhook_attempts");
        await ExecuteAsync($"alter table {Schema}.webhook_queue set (autovacuum_enabled = off)");
        await ExecuteAsync($"select pg_stat_reset_single_table_counters(oid) from pg_class where relnamespace = '{Schema}'::regnamespace");

        var node = Node();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Deliveries / 10).Select(_ => PublishAsync(node)));
            await RecordAsync(node, (await ClaimAsync(node)).Deliveries, isDelivered: false);
            await RecordAsync(node, (await ClaimAsync(node)).Deliveries, isDelivered: true);
        }

        await node.DisposeAsync();

        // A connection tells what it did when it ends.
        await Until(() => QueryAsync<bool>($"select n_tup_del >= {Deliveries} from pg_stat_user_tables where relid = '{Schema}.webhook_queue'::regclass"));
        Assert.Equal(
            "",
            await QueryAsync<string>(
                $"""
                select coalesce(string_agg(relname || ' ' || seq_scan, ', '), '') from pg_stat_user_tables
                where schemaname = '{Schema}' and seq_scan > 0
                  and relname in ('webhook_queue', 'webhook_deliveries', 'webhook_attempts', 'webhook_events')
                """));

        // A delivery is found when it is claimed, when it is recorded, and with its event, each time by its key; and by each claim at the head of the queue.
        var read = await QueryAsync<long>($"select sum(idx_tup_read) from pg_stat_user_indexes where schemaname = '{Schema}' and relname <> 'webhook_state'");
        Assert.InRange(read, Deliveries, Deliveries * 40);
    }

    [Fact]
    public async Task A_transaction_that_has_been_open_for_long_elsewhere_does_not_make_claims_dear()
    {
        var first = Node();
        var webhook = await RegisterAsync(first);
        await using var elsewhere = new NpgsqlConnection(ConnectionString);
        await elsewhere.OpenAsync(Cancellation);
        await using var open = await elsewhere.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancellation);
        await elsewhere.ExecuteAsync("select 1 from pg_class", transaction: open);

        // Finished long ago, and not yet to be removed from the index.
        await ExecuteAsync(
            $"""
            insert into {Schema}.webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
            select i, {webhook.Id}, i, 0, 0, 0, 0 from generate_series(1, 150000) i;
            """);
        await ExecuteAsync($"delete from {Schema}.webhook_queue");
        await Until(() => QueryAsync<bool>($"select n_tup_del >= 150000 from pg_stat_user_tables where relid = '{Schema}.webhook_queue'::regclass"));

        var one = await PagesAsync(1);
        var many = await PagesAsync(11);

        Assert.True(one > 1000, $"There was nothing to step over: {one} pages.");
        Assert.True(many < one * 2, $"One claim read {one} pages, eleven claims {many}.");

        async Task<long> PagesAsync(int claims)
        {
            var (scans, pages) = (await ScansAsync(), await ReadAsync());
            var node = Node();
            await node.GetRequiredService<WebhookDatabase>().EnsureReadyAsync(Cancellation);
            for (var i = 0; i < claims; i++)
            {
                Assert.Empty((await ClaimAsync(node)).Deliveries);
            }

            await node.DisposeAsync();
            await Until(async () => await ScansAsync() >= scans + claims);
            return await ReadAsync() - pages;
        }

        Task<long> ScansAsync() => QueryAsync<long>($"select idx_scan from pg_stat_user_tables where relid = '{Schema}.webhook_queue'::regclass");

        Task<long> ReadAsync() => QueryAsync<long>(
            $"""
            select heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read from pg_statio_user_tables
            where relid = '{Schema}.webhook_queue'::regclass
            """);
    }

    private async Task ExecuteAsync(string sql)
    {
        // Unpooled: what it read is counted when it ends, and not in the middle of what is measured.
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        foreach (var statement in sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await connection.ExecuteAsync(statement);
        }
    }

    private static async Task Until(Func<Task<bool>> isTrue)
    {
        while (!await isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }
    }
}

/// <summary>A transaction of any other test would keep dead rows in the indexes that are counted here.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
