using System.Globalization;
using Npgsql;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A PostgreSQL server of the benchmarks' own, durable as it comes.</summary>
internal sealed class PostgreSqlBenchmarkStore : IBenchmarkStore
{
    public const string Engine = "PostgreSQL";

    private readonly PostgreSqlServer _server;
    private readonly int _process;
    private int _databases;

    private PostgreSqlBenchmarkStore(PostgreSqlServer server, int process)
    {
        _server = server;
        _process = process;
    }

    public string Name => Engine;

    public bool HasProcesses => true;

    public static async Task<PostgreSqlBenchmarkStore> StartAsync()
    {
        var server = await PostgreSqlServer.CreateAsync();
        await using var connection = new NpgsqlConnection($"{server.ConnectionString()};Pooling=false");
        await connection.OpenAsync();
        return new PostgreSqlBenchmarkStore(server, ProcessTimes.ParentOf(connection.ProcessID));
    }

    public async Task<string> DescribeAsync()
    {
        await using var connection = new NpgsqlConnection($"{_server.ConnectionString()};Pooling=false");
        await connection.OpenAsync();
        var settings = new List<string>();
        foreach (var setting in (string[])["fsync", "synchronous_commit", "shared_buffers"])
        {
            settings.Add($"{setting} {await ShowAsync(setting)}");
        }

        return $"PostgreSQL {connection.PostgreSqlVersion} ({string.Join(", ", settings)})";

        async Task<object?> ShowAsync(string setting)
        {
            await using var command = new NpgsqlCommand($"show {setting}", connection);
            return await command.ExecuteScalarAsync();
        }
    }

    public async Task<IBenchmarkDatabase> CreateAsync(bool countsStatements = false)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"run_{++_databases}");
        var database = new PostgreSqlBenchmarkDatabase(_server, name, await _server.CreateDatabaseAsync(name));
        if (countsStatements)
        {
            await PostgreSqlStatementLog.BeginAsync(_server.ConnectionString(), name);
        }

        return database;
    }

    public TimeSpan ProcessorTime() => ProcessTimes.OfFamily(_process);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
