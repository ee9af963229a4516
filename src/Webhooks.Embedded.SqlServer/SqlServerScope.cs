using System.Data;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>A transaction on a connection of its own.</summary>
internal sealed class SqlServerScope : WriteScope
{
    private readonly SqlConnection _connection;
    private readonly SqlTransaction _transaction;

    private SqlServerScope(SqlConnection connection, SqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    public override DbConnection Connection => _connection;

    public override DbTransaction Transaction => _transaction;

    public static async ValueTask<SqlServerScope> BeginAsync(SqlServerSource source, CancellationToken cancellationToken)
    {
        var connection = await source.OpenAsync(cancellationToken);
        try
        {
            // Named, because a pooled connection may come with what the app last used.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            return new SqlServerScope(connection, (SqlTransaction)transaction);
        }
        catch
        {
            // The connection would be lost to the pool.
            await connection.DisposeAsync();
            throw;
        }
    }

    public override Task CommitAsync(CancellationToken cancellationToken) => _transaction.CommitAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        catch (Exception exception) when (exception is SqlException or InvalidOperationException)
        {
            // The connection broke, or the server has rolled back already: either way nothing is left of the transaction.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }
}
