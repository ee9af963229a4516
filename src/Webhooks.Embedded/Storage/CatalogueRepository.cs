using System.Data.Common;
using Dapper;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>All webhooks as publishing and the attempts need them, for <see cref="WebhookDirectory"/>.</summary>
internal sealed class CatalogueRepository(WebhookDatabase database, SecretVault vault)
{
    private const string StoreNumber = "store";

    private readonly WebhookTables _tables = database.Dialect.Tables;
    private readonly CatalogueVersion _version = new(database.Dialect.Tables);

    /// <summary>All webhooks with the secrets that sign.</summary>
    public Task<WebhookSnapshot> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => LoadAsync(connection, transaction: null, cancellationToken), cancellationToken);

    /// <summary>The same as the transaction of a caller sees it.</summary>
    public Task<WebhookSnapshot> LoadAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        database.InTransactionAsync(() => LoadAsync(transaction.Connection!, transaction, cancellationToken));

    /// <summary>The version of the webhooks in the store.</summary>
    public Task<long> VersionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => _version.ReadAsync(connection, null), cancellationToken);

    private async Task<WebhookSnapshot> LoadAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        // The version is read first: what is read after it is at least as new.
        var numbers = (await connection.QueryAsync<StateRow>(Command($"select name as Name, value as Value from {_tables.State}")))
            .ToDictionary(number => number.Name, number => number.Value, StringComparer.Ordinal);
        var rows = await connection.QueryAsync<WebhookRow>(
            Command($"select {WebhookRow.Columns} from {_tables.Webhooks} w where w.deleted_at is null"));
        var secrets = (await connection.QueryAsync<SecretRow>(Command(
            $"select webhook_id as WebhookId, secret as Secret, expires_at as ExpiresAt from {_tables.Secrets} order by id desc")))
            .ToLookup(secret => secret.WebhookId);

        return new WebhookSnapshot(numbers[StoreNumber], numbers[CatalogueVersion.Name], [.. rows.Select(row => row.ToKnown(secrets[row.Id], vault))]);

        CommandDefinition Command(string sql) => new(sql, transaction: transaction, cancellationToken: cancellationToken);
    }

    private sealed class StateRow
    {
        public string Name { get; init; } = "";

        public long Value { get; init; }
    }
}
