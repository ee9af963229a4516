using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>The number that every change of a webhook raises, by which nodes know that what they remember is old.</summary>
internal sealed class CatalogueVersion(WebhookTables tables)
{
    public const string Name = "catalogue";

    /// <summary>Keeps other changes of webhooks waiting until the commit: what is read after this is what is changed.</summary>
    public Task<int> LockAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync($"update {tables.State} set value = value where name = @CatalogueVersion", new { CatalogueVersion = Name }, transaction);

    public async Task<long> RaiseAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            $"update {tables.State} set value = value + 1 where name = @CatalogueVersion", new { CatalogueVersion = Name }, transaction);
        return await ReadAsync(connection, transaction);
    }

    public Task<long> ReadAsync(DbConnection connection, DbTransaction? transaction) =>
        connection.ExecuteScalarAsync<long>(
            $"select value from {tables.State} where name = @CatalogueVersion", new { CatalogueVersion = Name }, transaction);
}
