using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.Storage.Migrations;

/// <summary>
/// Brings the schema to this library's version, or checks that somebody has. Steps are applied in one transaction, under the engine's
/// lock, so that nodes that start together agree.
/// </summary>
internal sealed partial class MigrationRunner(SqlDialect dialect, IOptions<WebhooksOptions> options, ILogger<MigrationRunner> logger)
{
    // A step may rewrite a large table; the timeout of everyday commands is not for it.
    private const int StepSeconds = 3600;

    private readonly ILogger _logger = logger;
    private readonly string _table = dialect.Tables.Migrations;

    /// <summary>The version of the schema that this library works with.</summary>
    public int Required => dialect.Migrations.Count == 0 ? 0 : dialect.Migrations[^1].Version;

    /// <summary>Does what the options ask for.</summary>
    /// <exception cref="WebhookStoreException">The store is newer than this node can work with; or older, and this node is not to change it.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Migrations == WebhookMigrationMode.None)
        {
            return;
        }

        // Looked at without the lock first: an account that may change nothing in the schema can start on one that is up to date.
        var current = await CurrentAsync(cancellationToken);
        Refuse(current);
        if (current.Version >= Required)
        {
            return;
        }

        if (options.Value.Migrations == WebhookMigrationMode.Verify)
        {
            throw new WebhookStoreException(
                $"The store {dialect.Location} has schema version {current.Version}, and this node needs {Required}. Webhooks:Migrations is Verify, so nothing "
                + $"was changed: apply the script of IWebhookSchema.Script({current.Version}), or set Webhooks:Migrations to Apply.");
        }

        await ApplyAsync(cancellationToken);
    }

    /// <summary>Applies what is missing.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var scope = await dialect.BeginWriteAsync(cancellationToken);
        await dialect.LockSchemaAsync(scope, cancellationToken);
        await scope.Connection.ExecuteAsync(dialect.CreateMigrationsTable, transaction: scope.Transaction);
        var current = await ReadAsync(scope.Connection, scope.Transaction);
        Refuse(current);

        var missing = dialect.Migrations.Where(migration => migration.Version > current.Version).ToList();
        foreach (var migration in missing)
        {
            await scope.Connection.ExecuteAsync(migration.Script, transaction: scope.Transaction, commandTimeout: StepSeconds);
            await scope.Connection.ExecuteAsync(MigrationScript.Applied(migration, dialect), transaction: scope.Transaction);
        }

        // If the process dies before this line, the schema is as it was.
        await scope.CommitAsync(cancellationToken);
        missing.ForEach(migration => LogApplied(migration.Version, migration.Name, dialect.Location));
    }

    /// <summary>The version of the schema in the store; 0 where there is none.</summary>
    public async Task<int> VersionAsync(CancellationToken cancellationToken) => (await CurrentAsync(cancellationToken)).Version;

    private async Task<AppliedMigration> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dialect.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int>(dialect.FindMigrationsTable) == 0
            ? new AppliedMigration()
            : await ReadAsync(connection, transaction: null);
    }

    private async Task<AppliedMigration> ReadAsync(DbConnection connection, DbTransaction? transaction) =>
        await connection.QuerySingleOrDefaultAsync<AppliedMigration>(
            $"""
            select version as Version, compatible_from as CompatibleFrom from {_table}
            where version = (select max(version) from {_table})
            """,
            transaction: transaction) ?? new AppliedMigration();

    /// <summary>A newer node may have changed the schema already. As long as it says that nodes like this one can go on, they do.</summary>
    private void Refuse(AppliedMigration current)
    {
        if (current.Version > Required && current.CompatibleFrom > Required)
        {
            throw new WebhookStoreException(
                $"The store {dialect.Location} has schema version {current.Version}, which needs nodes that know version {current.CompatibleFrom} or newer; this one knows {Required}. "
                + "Update the packages of this node; nothing was changed.");
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "Applied schema migration {Version} ({Name}) to {Location}", EventName = "MigrationApplied")]
    private partial void LogApplied(int version, string name, string location);

    private sealed class AppliedMigration
    {
        public int Version { get; init; }

        public int CompatibleFrom { get; init; }
    }
}
