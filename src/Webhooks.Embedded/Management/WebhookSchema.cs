using System.Data.Common;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.Management;

/// <inheritdoc cref="IWebhookSchema"/>
internal sealed class WebhookSchema(SqlDialect dialect, MigrationRunner migrations) : IWebhookSchema
{
    public int RequiredVersion => migrations.Required;

    public string Script(int afterVersion = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterVersion);
        return MigrationScript.Write(dialect, afterVersion);
    }

    public async Task<int> VersionAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await dialect.PrepareAsync(cancellationToken);
            return await migrations.VersionAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            // Drivers' exceptions differ; the app catches one, which names the store.
            throw new WebhookStoreException(
                $"The schema of the store {dialect.Location} could not be read: {exception.Message}", exception, dialect.IsTransient(exception));
        }
    }
}
