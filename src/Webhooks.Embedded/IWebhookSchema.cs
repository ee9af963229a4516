namespace Webhooks.Embedded;

/// <summary>
/// The schema of the store, for apps whose account may not change it, or whose administrators want to see it first:
/// set <see cref="WebhooksOptions.Migrations"/> to <see cref="WebhookMigrationMode.Verify"/> and apply the script yourself.
/// </summary>
/// <example><code>File.WriteAllText("webhooks.sql", app.Services.GetRequiredService&lt;IWebhookSchema&gt;().Script());</code></example>
public interface IWebhookSchema
{
    /// <summary>The version of the schema that this version of the library works with.</summary>
    int RequiredVersion { get; }

    /// <summary>
    /// The script that brings a schema to <see cref="RequiredVersion"/>, in one transaction, with the configured schema and prefix. It needs no
    /// connection. Empty where nothing is missing. On a schema that is not of <paramref name="afterVersion"/> it fails and changes nothing, if whatever
    /// runs it stops at the first error: <c>psql -v ON_ERROR_STOP=1</c>, <c>sqlite3 -bail</c>, <c>sqlcmd -b</c>.
    /// </summary>
    /// <param name="afterVersion">The version that the schema has. Default: 0, an empty database.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="afterVersion"/> is negative.</exception>
    string Script(int afterVersion = 0);

    /// <summary>The version of the schema in the store; 0 where there is none yet. Changes nothing.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="WebhookStoreException">The store cannot be read.</exception>
    Task<int> VersionAsync(CancellationToken cancellationToken = default);
}
