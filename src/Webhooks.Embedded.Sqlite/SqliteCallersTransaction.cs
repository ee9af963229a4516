using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>
/// Publishing on a transaction of the app: its own connection to the same file. The app holds SQLite's write lock, or gets it here, and
/// keeps it until it commits; nothing else of the library is waited for.
/// </summary>
internal sealed class SqliteCallersTransaction(SqliteFile file, WebhookTables tables)
{
    private static readonly TimeSpan PauseWhileBusy = TimeSpan.FromMilliseconds(10);

    private string? _path;

    public async Task InsertAsync(NewEvent newEvent, long now, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = ConnectionOf(transaction);
        await LockAsync(connection, cancellationToken);

        // All of it or nothing: a caller may go on after a failure, and commit.
        Execute(connection, "savepoint webhooks_publish");
        try
        {
            using var events = new SqliteEvents(connection, tables);
            events.Insert([newEvent], now, leaseEnd: now);
            Execute(connection, "release webhooks_publish");
        }
        catch
        {
            // Some failures, such as a full disk, roll back by themselves, and then there is no savepoint to go back to.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Execute(connection, "rollback to webhooks_publish; release webhooks_publish");
            }

            throw;
        }
    }

    private SqliteConnection ConnectionOf(DbTransaction transaction)
    {
        if (transaction is not SqliteTransaction { Connection: { } connection })
        {
            throw new ArgumentException(
                $"The transaction is a {transaction.GetType().FullName}, and webhooks are kept in the SQLite file {file.Path}. "
                + "Publish with a SqliteTransaction on that file, or without a transaction.",
                nameof(transaction));
        }

        var path = raw.sqlite3_db_filename(connection.Handle, "main").utf8_to_string();
        if (string.IsNullOrEmpty(path))
        {
            throw new ArgumentException(
                $"The transaction is of a database in memory, and webhooks are kept in the SQLite file {file.Path}. "
                + "Publish with a transaction on that file, or without one.",
                nameof(transaction));
        }

        if (!string.Equals(path, _path ??= FullPath(), OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The transaction is of the SQLite file {path}, and webhooks are kept in {_path}. "
                + "Publish with a transaction on that file, or without one.",
                nameof(transaction));
        }

        return connection;
    }

    /// <summary>The file's path as SQLite spells it: it follows links to the file, from 3.39 on links to folders too.</summary>
    private string FullPath()
    {
        using var connection = new SqliteConnection(file.ConnectionString);
        connection.Open();
        return raw.sqlite3_db_filename(connection.Handle, "main").utf8_to_string();
    }

    /// <summary>
    /// Makes it the writer before anything is read, so that what is read is up to date. A transaction that was begun as SQLite's drivers do by
    /// default is the writer already, and this costs nothing.
    /// </summary>
    private async Task LockAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        // For the driver, zero seconds are no end.
        var giveUpAfter = connection.DefaultTimeout == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(connection.DefaultTimeout);
        for (var waited = TimeSpan.Zero; ; waited += PauseWhileBusy)
        {
            // A statement that writes takes the lock, also where it finds no row.
            var result = raw.sqlite3_exec(connection.Handle, $"update {tables.State} set value = value where 1 = 0");
            if (result != raw.SQLITE_BUSY || waited >= giveUpAfter || IsOutdated(connection))
            {
                SqliteException.ThrowExceptionForRC(result, connection.Handle);
                return;
            }

            // Another writer's time passes by no clock but the system's.
            await Task.Delay(PauseWhileBusy, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Whether somebody wrote since the transaction first read. To wait does not help: SQLite lets it write no more.</summary>
    private bool IsOutdated(SqliteConnection connection)
    {
        if (raw.sqlite3_extended_errcode(connection.Handle) != raw.SQLITE_BUSY_SNAPSHOT)
        {
            return false;
        }

        throw new WebhookStoreException(
            $"The transaction on the SQLite file {file.Path} was begun as a deferred one and has read, and the file was written since: SQLite lets it write no more. "
            + "Roll it back, and begin it with BeginTransaction(), which takes the write lock at once, or publish before reading.",
            new SqliteException("database is locked", raw.SQLITE_BUSY, raw.SQLITE_BUSY_SNAPSHOT),
            isTransient: true);
    }

    private static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);
}
