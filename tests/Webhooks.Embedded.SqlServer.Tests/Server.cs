using System.Data;
using Dapper;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>The server that the tests run on, where one is named.</summary>
internal static class Server
{
    public const string Variable = "WEBHOOKS_TEST_SQLSERVER";

    /// <summary>Skips the test where no server is named.</summary>
    public static string ConnectionString
    {
        get
        {
            var value = Environment.GetEnvironmentVariable(Variable);
            Assert.SkipWhen(string.IsNullOrEmpty(value), $"No SQL Server: {Variable} holds no connection string.");
            return value!;
        }
    }

    public static SqlConnection Connect() => new(ConnectionString);

    /// <summary>Skips the test on servers that only speak SQL Server's language.</summary>
    public static async Task SkipIfNotMicrosoftsAsync(string because)
    {
        await using var connection = Connect();
        var version = await connection.ExecuteScalarAsync<string>("select @@version");
        Assert.SkipUnless(version!.StartsWith("Microsoft SQL", StringComparison.Ordinal), $"{version.Split('\n')[0]} {because}.");
    }

    /// <summary>Skips the test where the database has no snapshots.</summary>
    public static IsolationLevel SnapshotLevel(ITestStore store)
    {
        using var connection = store.OpenAsync().GetAwaiter().GetResult();
        using var transaction = connection.BeginTransaction(IsolationLevel.Snapshot);
        try
        {
            connection.ExecuteScalar("select count(*) from sys.tables", transaction: transaction);
        }
        catch (SqlException exception)
        {
            Assert.Skip($"The database has no snapshots: {exception.Message}");
        }

        return IsolationLevel.Snapshot;
    }

    /// <summary>Whether a reader sees the event who waits for no writer, whether the database has row versions or not.</summary>
    internal static async Task<bool> HasEventAsync(ITestStore store, WebhookTables tables, Guid eventId)
    {
        await using var connection = await store.OpenAsync();
        return await connection.ExecuteScalarAsync<int>(
            $"select count(*) from {tables.Events} with (readcommittedlock, readpast) where uid = @eventId", new { eventId }) == 1;
    }

    /// <summary>A schema's name that nobody else has.</summary>
    public static string NewSchema() => $"t_{Guid.NewGuid():N}";

    /// <summary>Drops a schema with all that is in it.</summary>
    public static async Task DropSchemaAsync(string schema)
    {
        await DropAsync(schema, prefix: "");
        await using var connection = Connect();
        await connection.ExecuteAsync($"if schema_id(N'{schema}') is not null exec (N'drop schema {schema}')");
    }

    /// <summary>Drops the tables and types of a schema that begin with a prefix.</summary>
    public static async Task DropAsync(string schema, string prefix)
    {
        await using var connection = Connect();
        foreach (var kind in new[] { "table", "type" })
        {
            var names = await connection.QueryAsync<string>(
                $"select t.name from sys.{(kind == "table" ? "tables" : "table_types")} t join sys.schemas s on s.schema_id = t.schema_id where s.name = @schema",
                new { schema });
            foreach (var name in names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                await connection.ExecuteAsync($"drop {kind} {schema}.{name}");
            }
        }
    }
}
