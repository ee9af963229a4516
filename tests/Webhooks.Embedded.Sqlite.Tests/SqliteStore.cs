using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>An empty database file of a test's own.</summary>
public sealed class SqliteStore : ITestStore
{
    private readonly string _directory = Directory.CreateTempSubdirectory("webhooks-").FullName;

    public string Path => System.IO.Path.Combine(_directory, "test.db");

    public string ConnectionString => $"Data Source={Path}";

    public Task UseAsync(IWebhooksBuilder builder)
    {
        builder.UseSqlite(ConnectionString);
        return Task.CompletedTask;
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task DropAsync()
    {
        // Connections of the test's own are pooled, and hold the file. Not all pools: other tests are opening connections at this moment.
        await using (var own = new SqliteConnection(ConnectionString))
        {
            SqliteConnection.ClearPool(own);
        }

        Directory.Delete(_directory, recursive: true);
    }
}
