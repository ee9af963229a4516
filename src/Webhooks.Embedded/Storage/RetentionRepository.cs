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
                var found = await connection.QueryAsync<long>(
                    $"select id from {_tables.Deliveries} where finished_at < @Before order by finished_at, id {database.Dialect.Page}",
                    new { Before = finishedBefore, Limit = BatchSize, Offset = 0 },
                    transaction);
                var ids = InOrder(found);
                if (ids.Length == 0)
                {
                    return 0;
                }

                // The deliveries go first: one that a person is returning to the queue at this moment is not here any more, and keeps its attempts.
                var deleted = await connection.ExecuteAsync($"delete from {_tables.Deliveries} where id in ({ids})", transaction: transaction);
                await connection.ExecuteAsync(
                    $"""
                    delete from {_tables.Attempts}
                    where delivery_id in ({ids})
                      and not exists (select 1 from {_tables.Queue} q where q.id = {_tables.Attempts}.delivery_id)
                      and not exists (select 1 from {_tables.Deliveries} d where d.id = {_tables.Attempts}.delivery_id)
                    """,
                    transaction: transaction);
                return deleted;
            },
            cancellationToken);

    /// <summary>Deletes events that no delivery refers to any more.</summary>
    public Task<int> DeleteEventsAsync(long createdBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var hasNone =
                    $"""
                    not exists (select 1 from {_tables.Queue} q where q.event_id = {_tables.Events}.id)
                      and not exists (select 1 from {_tables.Deliveries} d where d.event_id = {_tables.Events}.id)
                    """;
                var found = await connection.QueryAsync<long>(
                    $"select id from {_tables.Events} where created_at < @Before and {hasNone} order by created_at {database.Dialect.Page}",
                    new { Before = createdBefore, Limit = BatchSize, Offset = 0 },
                    transaction);
                var ids = InOrder(found);
                if (ids.Length == 0)
                {
                    return 0;
                }

                // Whoever sends an event to one more webhook locks it. So the lock comes first, and a delivery that was added by then is seen after it.
                await connection.ExecuteAsync($"update {_tables.Events} set created_at = created_at where id in ({ids})", transaction: transaction);
                return await connection.ExecuteAsync($"delete from {_tables.Events} where id in ({ids}) and {hasNone}", transaction: transaction);
            },
            cancellationToken);

    /// <summary>Erases the payloads of events whose deliveries are all finished.</summary>
    public Task<int> ErasePayloadsAsync(long createdBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var noneWaits = $"not exists (select 1 from {_tables.Queue} q where q.event_id = {_tables.Events}.id)";
                var found = await connection.QueryAsync<long>(
                    $"""
                    select id from {_tables.Events}
                    where created_at < @Before and payload is not null and {noneWaits}
                    order by created_at {database.Dialect.Page}
                    """,
                    new { Before = createdBefore, Limit = BatchSize, Offset = 0 },
                    transaction);
                var ids = InOrder(found);
                if (ids.Length == 0)
                {
                    return 0;
                }

                // Whoever returns a delivery to the queue locks its event as well. So the lock comes first, and what has returned by then is seen after it.
                await connection.ExecuteAsync($"update {_tables.Events} set created_at = created_at where id in ({ids})", transaction: transaction);
                return await connection.ExecuteAsync(
                    $"update {_tables.Events} set payload = null where id in ({ids}) and payload is not null and {noneWaits}", transaction: transaction);
            },
            cancellationToken);

    /// <summary>Deletes operations that have ended.</summary>
    public Task<int> DeleteOperationsAsync(long finishedBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"delete from {_tables.Operations} where finished_at < @Before", new { Before = finishedBefore }, transaction),
            cancellationToken);

    /// <summary>Erases secrets whose overlap is over.</summary>
    public Task<int> DeleteExpiredSecretsAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"delete from {_tables.Secrets} where expires_at <= @Now", new { clock.Now }, transaction),
            cancellationToken);

    // In order, so that two nodes that do this at once do not wait for each other in a circle.
    private static string InOrder(IEnumerable<long> ids) => string.Join(',', ids.Order());
}
