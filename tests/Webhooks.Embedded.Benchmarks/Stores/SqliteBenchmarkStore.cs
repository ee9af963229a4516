using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.Benchmarks.Stores;

/// <summary>SQLite as the package sets it up: WAL, <c>synchronous=FULL</c>.</summary>
internal sealed class SqliteBenchmarkStore(string directory) : IBenchmarkStore
{
    private int _databases;

    public string Name => "SQLite";

    public bool HoldsSnapshots => false;

    public Task<IBenchmarkDatabase> CreateAsync() =>
        Task.FromResult<IBenchmarkDatabase>(new SqliteBenchmarkDatabase(Path.Combine(directory, $"{++_databases}.db")));

    public TimeSpan ProcessorTime() => TimeSpan.Zero;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class SqliteBenchmarkDatabase(string file) : IBenchmarkDatabase
    {
        public void Use(IWebhooksBuilder webhooks) => webhooks.UseSqlite($"Data Source={file}");

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }

        public Task<IAsyncDisposable> HoldSnapshotAsync() => throw new NotSupportedException("SQLite leaves no dead rows.");

        public async Task<long> SizeAsync()
        {
            await ExecuteAsync("pragma wal_checkpoint(truncate)");
            return new FileInfo(file).Length;
        }

        public Task<long?> CommitsAsync() => Task.FromResult<long?>(null);

        public ValueTask DisposeAsync()
        {
            foreach (var ending in (string[])["", "-wal", "-shm"])
            {
                File.Delete(file + ending);
            }

            return ValueTask.CompletedTask;
        }
    }
}
