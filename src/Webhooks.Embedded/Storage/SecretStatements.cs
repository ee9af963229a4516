using System.Data.Common;
using Dapper;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>The secrets of a webhook that its repository has found: they have no tenant of their own.</summary>
internal sealed class SecretStatements(WebhookTables tables, SecretVault vault)
{
    public Task<int> AddAsync(long webhookId, string secret, long now, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"insert into {tables.Secrets} (webhook_id, secret, created_at) values (@Id, @Secret, @Now)",
            new { Id = webhookId, Secret = vault.Protect(SecretVault.SecretPurpose, secret), Now = now },
            transaction);

    public Task<int> DeleteAsync(long webhookId, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync($"delete from {tables.Secrets} where webhook_id = @Id", new { Id = webhookId }, transaction);

    public Task<int> DeleteExpiredAsync(long webhookId, long now, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"delete from {tables.Secrets} where webhook_id = @Id and expires_at <= @Now", new { Id = webhookId, Now = now }, transaction);

    /// <summary>Deletes all but the current one.</summary>
    public Task<int> DeletePreviousAsync(long webhookId, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"delete from {tables.Secrets} where webhook_id = @Id and expires_at is not null", new { Id = webhookId }, transaction);

    /// <summary>Lets the current one expire.</summary>
    public Task<int> ExpireAsync(long webhookId, long expiresAt, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"update {tables.Secrets} set expires_at = @ExpiresAt where webhook_id = @Id and expires_at is null",
            new { Id = webhookId, ExpiresAt = expiresAt },
            transaction);

    public Task<int> CountAsync(long webhookId, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteScalarAsync<int>($"select count(*) from {tables.Secrets} where webhook_id = @Id", new { Id = webhookId }, transaction);

    /// <summary>Those that sign now, the newest first.</summary>
    public async Task<IReadOnlyList<SecretRow>> InUseAsync(long webhookId, long now, DbConnection connection) =>
        (await connection.QueryAsync<SecretRow>(
            $"""
            select webhook_id as WebhookId, secret as Secret, created_at as CreatedAt, expires_at as ExpiresAt
            from {tables.Secrets} where webhook_id = @Id and (expires_at is null or expires_at > @Now) order by id desc
            """,
            new { Id = webhookId, Now = now })).AsList();
}
