using Microsoft.Data.Sqlite;

namespace Webhooks.Embedded.Sqlite;

/// <summary>The database file: how to connect to it, and the lock that keeps it to one process.</summary>
internal sealed class SqliteFile : IDisposable
{
    private const int BusyTimeoutSeconds = 10;

    private FileStream? _lock;

    private SqliteFile(string path, string connectionString)
    {
        Path = path;
        ConnectionString = connectionString;
    }

    public string Path { get; }

    public string ConnectionString { get; }

    public static SqliteFile Parse(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        if (builder.DataSource is "" or ":memory:" || builder.Mode == SqliteOpenMode.Memory || builder.DataSource.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                "UseSqlite: the connection string must name a file, as in \"Data Source=app.db\". A database in memory would lose every event with the process.",
                nameof(connectionString));
        }

        builder.DefaultTimeout = BusyTimeoutSeconds;
        var path = System.IO.Path.GetFullPath(builder.DataSource);
        builder.DataSource = path;
        return new SqliteFile(path, builder.ToString());
    }

    /// <summary>Takes the file for this process. The operating system gives the lock back when the process ends, however it ends.</summary>
    public void Lock()
    {
        if (_lock is not null)
        {
            return;
        }

        var directory = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.Exists(directory))
        {
            throw new WebhookStoreException($"The directory {directory} of the SQLite file {Path} does not exist. Create it, or name another file.");
        }

        try
        {
            _lock = new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            // The lock is held: said in words that name the way out.
            throw new WebhookStoreException(
                $"The SQLite file {Path} is in use by another process that runs Webhooks.Embedded. One process at a time can use a file: "
                + "stop the other one, or use a server database for several nodes.",
                exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            // Not writable: said in words that name the way out.
            throw new WebhookStoreException($"The SQLite file {Path} cannot be written: {exception.Message} Give this process the right to write there.", exception);
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }
}
