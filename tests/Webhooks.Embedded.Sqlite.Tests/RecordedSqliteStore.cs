using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>An empty database file, and what is sent to it.</summary>
public sealed class RecordedSqliteStore : ITestStore, IStatementRecorder
{
    private readonly SqliteStore _store = new();
    private readonly List<string> _statements = [];

    public async Task UseAsync(IWebhooksBuilder builder)
    {
        await _store.UseAsync(builder);
        var chosen = builder.Services.Last(service => service.ServiceType == typeof(SqlDialect)).ImplementationFactory!;
        builder.Services.AddSingleton<SqlDialect>(provider => new RecordedDialect((SqlDialect)chosen(provider), _statements.Add));
    }

    public Task<DbConnection> OpenAsync() => _store.OpenAsync();

    public Task DropAsync() => _store.DropAsync();

    public IReadOnlyList<string> TakeStatements()
    {
        string[] taken = [.. _statements];
        _statements.Clear();
        return taken;
    }
}
