using System.Data.Common;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webhooks.Embedded.StoreContract;

[assembly: AssemblyFixture(typeof(Webhooks.Embedded.SharedPostgreSqlServer))]

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>A schema of a test's own in the database that all tests share.</summary>
public sealed class PostgreSqlStore : ITestStore
{
    public string Schema { get; } = $"test_{Guid.NewGuid():N}";

    /// <summary>Set by <see cref="UseAsync"/>.</summary>
    public string ConnectionString { get; private set; } = "";

    public async Task UseAsync(IWebhooksBuilder builder)
    {
        ConnectionString = await SharedPostgreSqlServer.DatabaseAsync();
        builder.UsePostgreSql(ConnectionString, options => options.Schema = Schema);
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async Task DropAsync()
    {
        if (ConnectionString.Length > 0)
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.ExecuteAsync($"drop schema if exists {Schema} cascade");
        }
    }
}
