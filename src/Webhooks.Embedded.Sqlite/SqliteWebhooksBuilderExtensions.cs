using Microsoft.Extensions.DependencyInjection.Extensions;
using Webhooks.Embedded;
using Webhooks.Embedded.Sqlite;
using Webhooks.Embedded.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses SQLite as the store of webhooks.</summary>
public static class SqliteWebhooksBuilderExtensions
{
    /// <summary>
    /// Keeps webhooks, events and the log in a SQLite file, which is made where it is not there. One process at a time uses a file;
    /// a second one is refused at its start. The file may hold the app's own tables too.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="connectionString">For example <c>Data Source=app.db</c>. It must name a file on a local disk.</param>
    /// <param name="configure">Sets options of the store.</param>
    /// <exception cref="ArgumentException">The connection string names no file, or the prefix is not valid.</exception>
    public static IWebhooksBuilder UseSqlite(
        this IWebhooksBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var options = new SqliteStoreOptions();
        configure?.Invoke(options);
        if (!options.HasValidPrefix)
        {
            throw new ArgumentException(
                $"UseSqlite: the table prefix '{options.TablePrefix}' is not made of letters, digits and _, or is longer than 30 characters.",
                nameof(configure));
        }

        _ = SqliteFile.Parse(connectionString);
        var tables = new WebhookTables(options.TablePrefix);
        builder.Services.RemoveAll<SqlDialect>();
        builder.Services.AddSingleton<SqlDialect>(_ => new SqliteDialect(SqliteFile.Parse(connectionString), tables));
        return builder;
    }
}
