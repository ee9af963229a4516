using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Webhooks.Embedded;
using Webhooks.Embedded.PostgreSql;
using Webhooks.Embedded.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses PostgreSQL as the store of webhooks.</summary>
public static class PostgreSqlWebhooksBuilderExtensions
{
    /// <summary>
    /// Keeps webhooks, events and the log in a PostgreSQL database, over a small pool of connections of its own. Any number of nodes can share it.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="connectionString">
    /// For example <c>Host=db;Database=app;Username=app</c>. What it does not say is set as the store needs it: at most 10 connections, a command timeout
    /// of 10 seconds, statements that are used often are prepared.
    /// </param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read, or a name in the options is not valid.</exception>
    public static IWebhooksBuilder UsePostgreSql(
        this IWebhooksBuilder builder, string connectionString, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var completed = PostgreSqlConnections.Complete(connectionString);
        return Use(builder, configure, _ => PostgreSqlConnections.Own(completed));
    }

    /// <summary>
    /// Keeps webhooks, events and the log in a PostgreSQL database, over the app's own data source. Nothing that is set on its connections outlasts
    /// a transaction, and it is not disposed.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="dataSource">The app's. Its pool needs room for three connections beside the app's own work.</param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">A name in the options is not valid.</exception>
    public static IWebhooksBuilder UsePostgreSql(
        this IWebhooksBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        return Use(builder, configure, _ => PostgreSqlConnections.Of(dataSource));
    }

    /// <summary>
    /// Keeps webhooks, events and the log in a PostgreSQL database, over a data source from the app's services, as in
    /// <c>UsePostgreSql(services => services.GetRequiredService&lt;NpgsqlDataSource>())</c>. It is not disposed.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="dataSource">Finds the app's data source. Its pool needs room for three connections beside the app's own work.</param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">A name in the options is not valid.</exception>
    public static IWebhooksBuilder UsePostgreSql(
        this IWebhooksBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource, Action<PostgreSqlStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        return Use(builder, configure, services => PostgreSqlConnections.Of(dataSource(services)));
    }

    private static IWebhooksBuilder Use(
        IWebhooksBuilder builder, Action<PostgreSqlStoreOptions>? configure, Func<IServiceProvider, PostgreSqlConnections> connections)
    {
        var options = new PostgreSqlStoreOptions();
        configure?.Invoke(options);
        if (options.Error is { } error)
        {
            throw new ArgumentException($"UsePostgreSql: {error}.", nameof(configure));
        }

        var tables = new WebhookTables(options.TablePrefix, options.Schema);
        builder.Services.RemoveAll<SqlDialect>();
        builder.Services.AddSingleton<SqlDialect>(services => new PostgreSqlDialect(connections(services), tables));
        return builder;
    }
}
