using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>An empty schema of a test's own.</summary>
public sealed class SqlServerStore : ITestStore
{
    private bool _isUsed;

    public string Schema { get; } = Server.NewSchema();

    public Task UseAsync(IWebhooksBuilder builder)
    {
        builder.UseSqlServer(Server.ConnectionString, options => options.Schema = Schema);
        _isUsed = true;
        return Task.CompletedTask;
    }

    public async Task<DbConnection> OpenAsync()
    {
        var connection = Server.Connect();
        await connection.OpenAsync();
        return connection;
    }

    public Task DropAsync() => _isUsed ? Server.DropSchemaAsync(Schema) : Task.CompletedTask;
}
