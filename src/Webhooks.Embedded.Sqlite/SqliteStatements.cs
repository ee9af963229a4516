using Microsoft.Data.Sqlite;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>The hot statements, prepared once for the writer's connection.</summary>
internal sealed class SqliteStatements(SqliteConnection connection, WebhookTables tables) : IDisposable
{
    private readonly SqliteBatch _batch = new(connection, tables);
    private readonly SqliteClaim _claim = new(connection, tables);

    public void Write(StoreBatch batch) => _batch.Write(batch);

    public ClaimResult Claim(ClaimRequest request) => _claim.Claim(request);

    public void Dispose()
    {
        _batch.Dispose();
        _claim.Dispose();
    }
}
