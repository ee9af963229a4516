using System.Transactions;
using Npgsql;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>Where connections come from: a small pool of the store's own, or the app's.</summary>
internal sealed class PostgreSqlConnections : IAsyncDisposable
{
    // The writer and the claim take one each; the rest is for people who read and manage. The store must not take the server's connections from the app.
    private const int MaxPoolSize = 10;
    private const int CommandTimeoutSeconds = 10;

    private readonly NpgsqlDataSource _source;
    private readonly bool _isOwn;

    private PostgreSqlConnections(NpgsqlDataSource source, bool isOwn)
    {
        _source = source;
        _isOwn = isOwn;
        var parts = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        Database = parts.Database ?? parts.Username ?? "";
        Location = $"{parts.Host}:{parts.Port}/{Database}";
    }

    public string Database { get; }

    /// <summary>Without credentials.</summary>
    public string Location { get; }

    public static PostgreSqlConnections Of(NpgsqlDataSource source) => new(source, isOwn: false);

    public static PostgreSqlConnections Own(string connectionString) => new(NpgsqlDataSource.Create(connectionString), isOwn: true);

    /// <summary>The connection string with the store's own defaults for what it leaves open.</summary>
    public static string Complete(string connectionString)
    {
        var complete = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Webhooks' commits are their own: they must not become part of a transaction that happens to be open around a call.
            Enlist = false,
        };
        if (complete.Host is null)
        {
            throw new ArgumentException("UsePostgreSql: the connection string must name a host, as in \"Host=db;Database=app;Username=app\".", nameof(connectionString));
        }

        // The driver's own reader knows that MaxPoolSize is another name of Maximum Pool Size.
        var said = new NpgsqlConnectionStringBuilder(connectionString).Keys.Cast<string>()
            .Select(key => key.Replace(" ", "", StringComparison.Ordinal))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        Default("ApplicationName", () => complete.ApplicationName = "Webhooks.Embedded");
        Default("MaximumPoolSize", () => complete.MaxPoolSize = MaxPoolSize);
        Default("CommandTimeout", () => complete.CommandTimeout = CommandTimeoutSeconds);
        Default("Timeout", () => complete.Timeout = CommandTimeoutSeconds);
        Default("Keepalive", () => complete.KeepAlive = 30);
        Default("MaxAutoPrepare", () => complete.MaxAutoPrepare = 40);
        Default("AutoPrepareMinUsages", () => complete.AutoPrepareMinUsages = 3);

        // What is set is set for a transaction alone, so there is nothing to reset between two of them.
        Default("NoResetOnClose", () => complete.NoResetOnClose = true);
        if (complete.Host.Contains(',', StringComparison.Ordinal))
        {
            // Of several servers the one that can be written to, also after a failover.
            Default("TargetSessionAttributes", () => complete.TargetSessionAttributes = "primary");
        }

        return complete.ToString();

        void Default(string name, Action set)
        {
            if (!said.Contains(name))
            {
                set();
            }
        }
    }

    /// <summary>
    /// An open connection. It takes no part in a <see cref="TransactionScope"/> that happens to be around, neither the caller's nor one in which the
    /// writer's loop was begun: what the store says is durable must be so.
    /// </summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (Transaction.Current is null)
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }

        // The app's data source enlists its connections unless it was told not to.
        using var none = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await _source.OpenConnectionAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _isOwn ? _source.DisposeAsync() : ValueTask.CompletedTask;
}
