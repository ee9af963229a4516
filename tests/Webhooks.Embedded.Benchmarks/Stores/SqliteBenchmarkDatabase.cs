using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>A file in the benchmarks' own directory.</summary>
internal sealed class SqliteBenchmarkDatabase(string file) : IBenchmarkDatabase
{
    private readonly long _commitsBefore = SqliteCounter.Commits;

    public string ConnectionString => $"Data Source={file}";

    public void Use(IWebhooksBuilder webhooks) => webhooks.UseSqlite(ConnectionString);

    public Task ExecuteAsync(string sql) => AskAsync(sql);

    public async Task<long> CountAsync(string table) => (long)(await AskAsync($"select count(*) from {table}"))!;

    public async Task CopyAsync(string table, int copies, long firstId)
    {
        await using var connection = await OpenAsync();
        await Copying.CopyAsync(connection, table, copies, firstId);
    }

    // Of the whole file, without the pages that are free. What the queue has grown to once it does not grow any more.
    public async Task<long> SizeAsync() => (long)(await AskAsync(
        "select (p.page_count - f.freelist_count) * s.page_size from pragma_page_count p, pragma_freelist_count f, pragma_page_size s"))!;

    public Task<long> CommitsAsync() => Task.FromResult(SqliteCounter.Commits - _commitsBefore);

    public Task<StatementCount> StatementsAsync() => Task.FromResult(SqliteCounter.Statements);

    public ValueTask DisposeAsync()
    {
        SqliteCounter.CountsStatements = false;
        SqliteConnection.ClearAllPools();
        foreach (var ending in (string[])["", "-wal", "-shm"])
        {
            File.Delete(file + ending);
        }

        return ValueTask.CompletedTask;
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync();
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"{ConnectionString};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
