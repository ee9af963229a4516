using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Webhooks.Embedded;
using Webhooks.Embedded.SqlServer;
using Webhooks.Embedded.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses SQL Server as the store of webhooks.</summary>
public static class SqlServerWebhooksBuilderExtensions
{
    /// <summary>
    /// Keeps webhooks, events and the log in a SQL Server database (2016 or newer, or Azure SQL), which must be there; the tables are made
    /// where they are not. Any number of nodes may share it, and the app's own tables may be in it too.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="connectionString">
    /// For example <c>Server=db;Database=app;User Id=app;Password=…</c>. Its connections take no part in a <c>TransactionScope</c> that happens
    /// to be around (<c>Enlist=false</c>), and where it has no <c>Application Name</c>, they are called Webhooks.Embedded.
    /// </param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read, or the schema or the prefix is not valid.</exception>
    public static IWebhooksBuilder UseSqlServer(
        this IWebhooksBuilder builder, string connectionString, Action<SqlServerStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Use(builder, SqlServerSource.Parse(connectionString), configure);
    }

    /// <summary>
    /// The same, with connections that the app makes: for access tokens, or what else a connection string cannot say.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="createConnection">
    /// Makes a connection that is not open. The store opens it, and disposes it after use. Called often and by several threads at once;
    /// all connections must go to the same database.
    /// </param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">The schema or the prefix is not valid.</exception>
    public static IWebhooksBuilder UseSqlServer(
        this IWebhooksBuilder builder, Func<SqlConnection> createConnection, Action<SqlServerStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(createConnection);
        return Use(builder, new SqlServerSource(createConnection), configure);
    }

    private static IWebhooksBuilder Use(IWebhooksBuilder builder, SqlServerSource source, Action<SqlServerStoreOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SqlServerStoreOptions();
        configure?.Invoke(options);
        if (options.Fault() is { } fault)
        {
            throw new ArgumentException($"UseSqlServer: {fault}", nameof(configure));
        }

        var tables = new WebhookTables(options.TablePrefix, options.Schema);
        builder.Services.RemoveAll<SqlDialect>();
        builder.Services.AddSingleton<SqlDialect>(_ => new SqlServerDialect(source, tables));
        return builder;
    }
}
