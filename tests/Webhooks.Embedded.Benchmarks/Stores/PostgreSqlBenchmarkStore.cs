using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A PostgreSQL server of the benchmarks' own, durable as it comes.</summary>
internal sealed class PostgreSqlBenchmarkStore : IBenchmarkStore
{
    private readonly PostgreSqlServer _server;
    private readonly int _process;
    private int _databases;

    private PostgreSqlBenchmarkStore(PostgreSqlServer server, int process)
    {
        _server = server;
        _process = process;
    }

    public string Name => "PostgreSQL";

    public bool HoldsSnapshots => true;

    public static async Task<PostgreSqlBenchmarkStore> StartAsync()
    {
        var server = await PostgreSqlServer.CreateAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString());
        await connection.OpenAsync();
        return new PostgreSqlBenchmarkStore(server, ProcessTimes.ParentOf(connection.ProcessID));
    }

    public async Task<IBenchmarkDatabase> CreateAsync() =>
        new PostgreSqlBenchmarkDatabase(_server, await _server.CreateDatabaseAsync(string.Create(CultureInfo.InvariantCulture, $"run_{++_databases}")));

    public TimeSpan ProcessorTime() => ProcessTimes.OfFamily(_process);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private sealed class PostgreSqlBenchmarkDatabase(PostgreSqlServer server, string connectionString) : IBenchmarkDatabase
    {
        private readonly string _name = new NpgsqlConnectionStringBuilder(connectionString).Database!;

        public void Use(IWebhooksBuilder webhooks) => webhooks.UsePostgreSql(connectionString);

        public Task ExecuteAsync(string sql) => AskAsync(connectionString, sql);

        public async Task<IAsyncDisposable> HoldSnapshotAsync()
        {
            var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("begin isolation level repeatable read; select count(*) from webhooks", connection);
            await command.ExecuteScalarAsync();
            return connection;
        }

        public async Task<long> SizeAsync() => (long)(await AskAsync(server.ConnectionString(), $"select pg_database_size('{_name}')"))!;

        public async Task<long?> CommitsAsync() =>
            (long)(await AskAsync(server.ConnectionString(), $"select xact_commit from pg_stat_database where datname = '{_name}'"))!;

        public async ValueTask DisposeAsync() => await AskAsync(server.ConnectionString(), $"drop database {_name} with (force)");

        private static async Task<object?> AskAsync(string to, string sql)
        {
            await using var connection = new NpgsqlConnection($"{to};Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            return await command.ExecuteScalarAsync();
        }
    }
}
