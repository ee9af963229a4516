using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Deletes what is finished and old, a small batch a transaction, so that nobody waits for it. What is in the queue is never touched.</summary>
internal sealed class RetentionRepository(WebhookDatabase database, StoreClock clock)
{
    public const int BatchSize = 500;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>Deletes finished deliveries with their attempts. Returns how many; fewer than a batch means that there are no more.</summary>
    public Task<int> DeleteDeliveriesAsync(long finishedBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var ids = $"select id from {_tables.Deliveries} where finished_at < @Before order by finished_at, id {database.Dialect.Page}";
                var parameters = new { Before = finishedBefore, Limit = BatchSize, Offset = 0 };
                await connection.ExecuteAsync(
                    $"delete from {_tables.Attempts} where delivery_id in ({ids})", parameters, transaction);
                return await connection.ExecuteAsync(
                    $"delete from {_tables.Deliveries} where id in ({ids})", parameters, transaction);
            },
            cancellationToken);

    /// <summary>Deletes events that no delivery refers to any more.</summary>
    public Task<int> DeleteEventsAsync(long createdBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                delete from {_tables.Events} where id in (
                    select e.id from {_tables.Events} e
                    where e.created_at < @Before
                      and not exists (select 1 from {_tables.Queue} q where q.event_id = e.id)
                      and not exists (select 1 from {_tables.Deliveries} d where d.event_id = e.id)
                    order by e.created_at {database.Dialect.Page})
                """,
                new { Before = createdBefore, Limit = BatchSize, Offset = 0 },
                transaction),
            cancellationToken);

    /// <summary>Erases the payloads of events whose deliveries are all finished.</summary>
    public Task<int> ErasePayloadsAsync(long createdBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                update {_tables.Events} set payload = null where id in (
                    select e.id from {_tables.Events} e
                    where e.created_at < @Before and e.payload is not null
                      and not exists (select 1 from {_tables.Queue} q where q.event_id = e.id)
                    order by e.created_at {database.Dialect.Page})
                """,
                new { Before = createdBefore, Limit = BatchSize, Offset = 0 },
                transaction),
            cancellationToken);

    /// <summary>Erases secrets whose overlap is over.</summary>
    public Task<int> DeleteExpiredSecretsAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"delete from {_tables.Secrets} where expires_at <= @Now", new { clock.Now }, transaction),
            cancellationToken);
}
