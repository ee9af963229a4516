using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>SQLite as the package sets it up: WAL, <c>synchronous=FULL</c>.</summary>
internal sealed class SqliteBenchmarkStore : IBenchmarkStore
{
    public const string Engine = "SQLite";

    private readonly string _directory;
    private int _databases;

    public SqliteBenchmarkStore(string directory)
    {
        _directory = directory;
        SqliteCounter.Install();
    }

    public string Name => Engine;

    public bool HasProcesses => false;

    public async Task<string> DescribeAsync()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        return $"SQLite {connection.ServerVersion} (WAL, synchronous FULL: the package's own)";
    }

    public Task<IBenchmarkDatabase> CreateAsync(bool countsStatements = false)
    {
        SqliteCounter.CountsStatements = countsStatements;
        var file = Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{++_databases}.db"));
        return Task.FromResult<IBenchmarkDatabase>(new SqliteBenchmarkDatabase(file));
    }

    public TimeSpan ProcessorTime() => TimeSpan.Zero;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
