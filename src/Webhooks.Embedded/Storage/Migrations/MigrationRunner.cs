using Dapper;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.Storage.Migrations;

/// <summary>Brings the schema to this library's version: in one transaction, under the engine's lock, so that nodes that start together agree.</summary>
internal sealed partial class MigrationRunner(SqlDialect dialect, StoreClock clock, ILogger<MigrationRunner> logger)
{
    private readonly ILogger _logger = logger;

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var migrations = dialect.Migrations;
        var table = dialect.Tables.Migrations;
        if (migrations.Count == 0)
        {
            return;
        }

        await using var scope = await dialect.BeginWriteAsync(cancellationToken);
        await dialect.LockSchemaAsync(scope, cancellationToken);

        await scope.Connection.ExecuteAsync(dialect.CreateMigrationsTable, transaction: scope.Transaction);
        var current = await scope.Connection.ExecuteScalarAsync<int>(
            $"select coalesce(max(version), 0) from {table}", transaction: scope.Transaction);

        if (current > migrations[^1].Version)
        {
            throw new WebhookStoreException(
                $"The store {dialect.Location} has schema version {current}, and this version of Webhooks.Embedded knows {migrations[^1].Version}. "
                + "Update the packages of this node; nothing was changed.");
        }

        foreach (var migration in migrations.Where(migration => migration.Version > current))
        {
            await scope.Connection.ExecuteAsync(migration.Script, transaction: scope.Transaction);
            await scope.Connection.ExecuteAsync(
                $"insert into {table} (version, name, applied_at) values (@Version, @Name, @Now)",
                new { migration.Version, migration.Name, clock.Now },
                scope.Transaction);
            LogApplied(migration.Version, migration.Name, dialect.Location);
        }

        // If the process dies before this line, the schema is as it was.
        await scope.CommitAsync(cancellationToken);
    }

    [LoggerMessage(3001, LogLevel.Information, "Applied schema migration {Version} ({Name}) to {Location}", EventName = "MigrationApplied")]
    private partial void LogApplied(int version, string name, string location);
}
