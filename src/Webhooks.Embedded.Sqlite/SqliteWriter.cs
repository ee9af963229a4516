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
    private SqliteThread? _thread;
    private bool _isDisposed;
    private SqliteConnection? _connection;
    private SqliteStatements? _statements;

    /// <summary>Waits for its turn and begins a transaction that holds SQLite's write lock from the start.</summary>
    public async ValueTask<Scope> BeginAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return Begin();
    }

    /// <summary>Runs the hot statements in a transaction, on a thread of their own, and commits.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteStatements, T> run, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        var thread = WithTurn(() => _thread ??= new SqliteThread());
        return await thread.RunAsync(() =>
        {
            using var scope = Begin();
            var result = run(scope.Statements);

            // If the process dies before this line, nothing has happened. After it, what was written is there; of what was claimed, the leases end.
            scope.Commit();
            return result;
        });
    }

    /// <summary>With the turn.</summary>
    private Scope Begin() => WithTurn(() =>
    {
        if (_connection is null)
        {
            _connection = Open();
            _statements = new SqliteStatements(_connection, tables);
        }

        return new Scope(this, _connection, _statements!, _connection.BeginTransaction(deferred: false));
    });

    /// <summary>With the turn, which is given back where this fails, or nobody would write again.</summary>
    private T WithTurn<T>(Func<T> take)
    {
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return take();
        }
        catch
        {
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
        _thread?.Dispose();
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
            // a page of 4 KB holds three and leaves a quarter empty. The index by webhook is written wherever there is a webhook, so the pages that a
            // second's deliveries change are thousands: they are to find room in memory (16 MB at most), and to be changed many times before the log
            // is copied into the file (at 32 MB). With SQLite's own 2 and 8 MB a fifth less is delivered for many webhooks.
            command.CommandText =
                """
                pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000;
                pragma cache_size = -16000; pragma wal_autocheckpoint = 4000;
                """;
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
        : WriteScope, IDisposable
    {
        private bool _isBroken;

        public override DbConnection Connection => connection;

        public override DbTransaction Transaction => transaction;

        public SqliteStatements Statements => statements;

        public void Commit() => transaction.Commit();

        public override Task CommitAsync(CancellationToken cancellationToken)
        {
            Commit();
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void Dispose()
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
        }
    }
}
