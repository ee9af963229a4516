using System.Data;
using System.Globalization;
using Microsoft.Data.SqlClient;

namespace Webhooks.Embedded.SqlServer;

/// <summary>Where the store's connections come from.</summary>
internal sealed class SqlServerSource(Func<SqlConnection> createConnection)
{
    private const string ApplicationName = "Webhooks.Embedded";

    private string? _location;
    private string? _database;

    /// <summary>Database and server, for messages.</summary>
    public string Location => _location ??= ReadLocation();

    public static SqlServerSource Parse(string connectionString)
    {
        var text = WithDefaults(connectionString);
        return new SqlServerSource(() => new SqlConnection(text));
    }

    /// <summary>The connection string with what the store wants of its own connections.</summary>
    public static string WithDefaults(string connectionString)
    {
        var builder = new SqlConnectionStringBuilder(connectionString)
        {
            // An event has its own commit, or that of the transaction it is given: never that of a scope that happens to be around.
            Enlist = false,
        };
        if (!builder.ShouldSerialize("Application Name"))
        {
            // People see it in the server's list of sessions. It also gives the store a pool of its own.
            builder.ApplicationName = ApplicationName;
        }

        return builder.ConnectionString;
    }

    public async ValueTask<SqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = createConnection();
        try
        {
            if (connection.State != ConnectionState.Open)
            {
                await connection.OpenAsync(cancellationToken);
            }

            _database ??= connection.Database;
            return connection;
        }
        catch (Exception exception)
        {
            // The connection would be lost to the pool.
            await connection.DisposeAsync();
            if (exception is CultureNotFoundException)
            {
                throw new WebhookStoreException(
                    "The driver of SQL Server does not run in the globalization-invariant mode: install ICU (libicu), and leave InvariantGlobalization "
                    + "and DOTNET_SYSTEM_GLOBALIZATION_INVARIANT off.",
                    exception,
                    isTransient: false);
            }

            if (exception is InvalidOperationException and not ObjectDisposedException)
            {
                // The driver's word for a pool that has none left; it is no DbException, by which others know a failure of the store.
                throw new WebhookStoreException(
                    $"No connection to {Location} could be opened: {exception.Message}", exception, isTransient: true);
            }

            throw;
        }
    }

    /// <summary>The name of the database, as the server has it.</summary>
    public async ValueTask<string> DatabaseAsync(CancellationToken cancellationToken)
    {
        if (_database is null)
        {
            await using var connection = await OpenAsync(cancellationToken);
        }

        return _database!;
    }

    private string ReadLocation()
    {
        using var connection = createConnection();
        return connection.Database.Length == 0 ? connection.DataSource : $"{connection.Database} on {connection.DataSource}";
    }
}
