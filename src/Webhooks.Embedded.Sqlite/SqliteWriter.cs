using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>
/// The one connection that writes, with its prepared statements. SQLite has one writer anyway; waiting for a turn here, in order, is
/// fairer and cheaper than its busy loop.
/// </summary>
internal sealed class SqliteWriter(SqliteFile file, WebhookTables tables) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isDisposed;
    private SqliteConnection? _connection;
    private SqliteStatements? _statements;

    /// <summary>Waits for its turn and begins a transaction that holds SQLite's write lock from the start.</summary>
    public async ValueTask<Scope> BeginAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is null)
            {
                _connection = Open();
                _statements = new SqliteStatements(_connection, tables);
            }

            return new Scope(this, _connection, _statements!, _connection.BeginTransaction(deferred: false));
        }
        catch
        {
            // The turn must be given back, or nobody writes again.
            Release(isBroken: true);
            throw;
        }
    }

    // Full is transient too: people free space, and retention does.
    public static bool IsTransient(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL or raw.SQLITE_IOERR;

    public async ValueTask DisposeAsync()
    {
        // The turn goes on, so that whoever waits for one hears that the store is closed.
        await _turn.WaitAsync();
        _isDisposed = true;
        Release(isBroken: true);
    }

    private SqliteConnection Open()
    {
        // Unpooled: it lives as long as the store, and holds prepared statements.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(file.ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();

            // FULL: a commit is on the disk when it returns. The busy timeout is for the app's own writers on the same file.
            // The size of a page can be chosen only for a file in which there is nothing yet, and is passed over in any other: of events of 1 KB,
            // a page of 4 KB holds three and leaves a quarter empty.
            command.CommandText = "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException exception)
        {
            // Said in words that name the file: SQLite's own do not.
            connection.Dispose();
            throw new WebhookStoreException($"The SQLite file {file.Path} cannot be opened for writing: {exception.Message}", exception, IsTransient(exception));
        }
    }

    private void Release(bool isBroken)
    {
        if (isBroken)
        {
            Close();
        }

        _turn.Release();
    }

    private void Close()
    {
        _statements?.Dispose();
        _connection?.Dispose();
        _statements = null;
        _connection = null;
    }

    /// <summary>A turn of the writer.</summary>
    internal sealed class Scope(SqliteWriter writer, SqliteConnection connection, SqliteStatements statements, SqliteTransaction transaction)
        : WriteScope
    {
        private bool _isBroken;

        public override DbConnection Connection => connection;

        public override DbTransaction Transaction => transaction;

        public SqliteStatements Statements => statements;

        public override Task CommitAsync(CancellationToken cancellationToken)
        {
            transaction.Commit();
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            try
            {
                transaction.Dispose();
            }
            catch (SqliteException)
            {
                // SQLite rolls some failed transactions back by itself, and then says that there is none: a new connection is certain.
                _isBroken = true;
            }
            finally
            {
                writer.Release(_isBroken);
            }

            return ValueTask.CompletedTask;
        }
    }
}
