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

    /// <summary>
    /// Notes of those that were replaced before a time, and not noted yet, up to which delivery the log may name them. Not when they are replaced: to
    /// look for it may mean to wait for whoever is publishing, and all who publish wait for whoever changes a webhook.
    /// </summary>
    public Task<int> NoteAsync(long replacedBefore, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"""
            update {tables.Urls} set last_delivery_id = ({QueueStatements.LastId(tables)})
            where replaced_at < @Before and last_delivery_id is null
            """,
            new { Before = replacedBefore },
            transaction);

    /// <summary>The noted ones that were replaced before a time.</summary>
    public Task<IEnumerable<FormerUrls>> FormerAsync(long replacedBefore, DbConnection connection) =>
        connection.QueryAsync<FormerUrls>(
            $"""
            select webhook_id as WebhookId, max(last_delivery_id) as LastDeliveryId, @Before as ReplacedBefore
            from {tables.Urls} where replaced_at < @Before and last_delivery_id is not null group by webhook_id order by webhook_id
            """,
            new { Before = replacedBefore });

    /// <summary>Deletes those of a webhook's former URLs that nothing in its log can name.</summary>
    public Task<int> DeleteAsync(FormerUrls former, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"""
            delete from {tables.Urls}
            where webhook_id = @WebhookId and replaced_at < @ReplacedBefore and last_delivery_id < (
                select coalesce(min(ids.id), {long.MaxValue})
                from (select min(q.id) as id from {tables.Queue} q where q.webhook_id = @WebhookId and q.id <= @LastDeliveryId
                      union all
                      select min(d.id) as id from {tables.Deliveries} d where d.webhook_id = @WebhookId and d.id <= @LastDeliveryId) ids)
            """,
            former,
            transaction);
}

/// <summary>The URLs that a webhook had before a time.</summary>
internal sealed class FormerUrls
{
    public long WebhookId { get; init; }

    /// <summary>The highest id that any of them was noted with.</summary>
    public long LastDeliveryId { get; init; }

    public long ReplacedBefore { get; init; }
}
