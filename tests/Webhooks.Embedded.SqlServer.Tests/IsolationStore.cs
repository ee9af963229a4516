using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.StoreContract;

[assembly: AssemblyFixture(typeof(Webhooks.Embedded.SqlServer.Tests.IsolationDatabases))]

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>A schema in a database of its own, where READ COMMITTED reads the last committed versions, or waits for locks.</summary>
public abstract class IsolationStore(bool usesVersions) : ITestStore
{
    private readonly string _schema = Server.NewSchema();
    private string _connectionString = "";

    public async Task UseAsync(IWebhooksBuilder builder)
    {
        _connectionString = await IsolationDatabases.FindAsync(usesVersions);
        builder.UseSqlServer(_connectionString, options => options.Schema = _schema);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new SqlConnection(_connectionString);
        await connection.OpenAsync();
        return connection;
    }

    // It goes with its database.
    public Task DropAsync() => Task.CompletedTask;
}

public sealed class VersionsStore() : IsolationStore(usesVersions: true);

public sealed class LocksStore() : IsolationStore(usesVersions: false);

/// <summary>The databases of this run, made when they are first asked for.</summary>
public sealed class IsolationDatabases : IAsyncLifetime
{
    private static readonly ConcurrentDictionary<bool, Lazy<Task<(string Database, string? Refusal)>>> Databases = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        SqlConnection.ClearAllPools();
        foreach (var made in Databases.Values)
        {
            await using var connection = Server.Connect();
            await connection.ExecuteAsync($"drop database {(await made.Value).Database}");
        }
    }

    /// <summary>The connection string. Skips the test where the server cannot be told how to isolate.</summary>
    internal static async Task<string> FindAsync(bool usesVersions)
    {
        var builder = new SqlConnectionStringBuilder(Server.ConnectionString);
        var (database, refusal) = await Databases.GetOrAdd(usesVersions, _ => new(() => MakeAsync(usesVersions))).Value;
        Assert.SkipWhen(refusal is not null, $"The server cannot switch row versioning: {refusal}");
        builder.InitialCatalog = database;
        return builder.ConnectionString;
    }

    private static async Task<(string Database, string? Refusal)> MakeAsync(bool usesVersions)
    {
        var database = Server.NewSchema();
        await using var connection = Server.Connect();
        await connection.ExecuteAsync($"create database {database}");
        try
        {
            await connection.ExecuteAsync($"alter database {database} set read_committed_snapshot {(usesVersions ? "on" : "off")} with rollback immediate");
            await connection.ExecuteAsync($"alter database {database} set allow_snapshot_isolation {(usesVersions ? "on" : "off")}");
            return (database, null);
        }
        catch (SqlException exception)
        {
            // Servers that are not Microsoft's have no such option.
            return (database, exception.Message);
        }
    }
}
