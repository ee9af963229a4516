using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A database of the benchmarks' own server.</summary>
internal sealed class PostgreSqlBenchmarkDatabase(PostgreSqlServer server, string name, string connectionString) : IBenchmarkDatabase
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly PostgreSqlStatementLog _log = new(server, name);

    public string ConnectionString => connectionString;

    public void Use(IWebhooksBuilder webhooks) => webhooks.UsePostgreSql(connectionString);

    public Task ExecuteAsync(string sql) => AskAsync(connectionString, sql);

    public async Task<long> CountAsync(string table) => (long)(await AskAsync(connectionString, $"select count(*) from {table}"))!;

    public async Task CopyAsync(string table, int copies, long firstId)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await Copying.CopyAsync(connection, table, copies, firstId);
    }

    /// <summary>A transaction that sees the database as it is now, until it is disposed of.</summary>
    public async Task<IAsyncDisposable> HoldSnapshotAsync()
    {
        var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("begin isolation level repeatable read; select count(*) from webhooks", connection);
        await command.ExecuteScalarAsync();
        return connection;
    }

    /// <summary>Keeps vacuum and analyze from all tables, so that their statistics are what the scenario makes them.</summary>
    public Task StopAutovacuumAsync() => ExecuteAsync(
        """
        do $$ declare t text; begin
            for t in select tablename from pg_tables where tablename like 'webhook%' loop
                execute format('alter table %I set (autovacuum_enabled = false)', t);
            end loop;
        end $$
        """);

    // Rows of the queue come and go, those of the webhooks and of the figures are updated: their room does not grow with the deliveries.
    public async Task<long> SizeAsync() => (long)(decimal)(await AskAsync(
        connectionString,
        """
        select sum(pg_total_relation_size(tablename::regclass)) from pg_tables
        where tablename like 'webhook%' and tablename not in ('webhook_queue', 'webhooks', 'webhook_stats')
        """))!;

    public async Task<long> CommitsAsync()
    {
        // A connection adds what it has counted when it ends.
        using var patience = new CancellationTokenSource(Patience);
        while ((long)(await AskAsync(server.ConnectionString(), $"select count(*) from pg_stat_activity where datname = '{name}'"))! > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        return (long)(await AskAsync(server.ConnectionString(), $"select xact_commit from pg_stat_database where datname = '{name}'"))!;
    }

    public Task<StatementCount> StatementsAsync() => _log.ReadAsync(ExecuteAsync);

    public async ValueTask DisposeAsync() => await AskAsync(server.ConnectionString(), $"drop database {name} with (force)");

    private static async Task<object?> AskAsync(string to, string sql)
    {
        // Without the driver's own questions about types: what is asked here must not be counted as the product's.
        await using var connection = new NpgsqlConnection($"{to};Pooling=false;Server Compatibility Mode=NoTypeLoading");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync();
    }
}
