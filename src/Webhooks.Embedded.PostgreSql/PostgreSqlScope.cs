using System.Data.Common;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>A transaction for writing, on a connection of its own.</summary>
internal sealed class PostgreSqlScope(NpgsqlConnection connection, NpgsqlTransaction transaction) : WriteScope
{
    public override DbConnection Connection => connection;

    public override DbTransaction Transaction => transaction;

    public override Task CommitAsync(CancellationToken cancellationToken) => transaction.CommitAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
