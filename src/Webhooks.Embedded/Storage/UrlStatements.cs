using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// The URLs of a webhook that its repository has found, by number: an attempt names by it where it went. They have no tenant of their own.
/// </summary>
internal sealed class UrlStatements(WebhookTables tables)
{
    public Task<int> AddAsync(long webhookId, int number, string url, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"insert into {tables.Urls} (webhook_id, number, url) values (@Id, @Number, @Url)",
            new { Id = webhookId, Number = number, Url = url },
            transaction);

    public Task<int> ReplaceAsync(long webhookId, int number, long now, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"update {tables.Urls} set replaced_at = @Now where webhook_id = @Id and number = @Number",
            new { Id = webhookId, Number = number, Now = now },
            transaction);
}
