using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Deletes what is finished and old, a small batch a transaction, so that nobody waits for it. What is in the queue is never touched.</summary>
internal sealed class RetentionRepository
{
    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly WebhookTables _tables;
    private readonly RetentionWalk _deliveries;
    private readonly RetentionWalk _events;
    private readonly RetentionWalk _payloads;

    public RetentionRepository(WebhookDatabase database, StoreClock clock)
    {
        (_database, _clock, _tables) = (database, clock, database.Dialect.Tables);
        _deliveries = new RetentionWalk(database, clock, _tables.Deliveries, "x.finished_at", "t.finished_at < @Before");
        _events = new RetentionWalk(database, clock, _tables.Events, "x.payload_size", $"t.created_at < @Before and {HasNone("t")}");
        _payloads = new RetentionWalk(
            database,
            clock,
            _tables.Events,
            "case when x.payload is null then 0 else 1 end as has_payload",
            $"t.created_at < @Before and t.has_payload = 1 and {NoneWaits("t")}");
    }

    /// <summary>Deletes finished deliveries with their attempts. Returns how many; none means that there are no more, or that none was found in a second.</summary>
    public Task<int> DeleteDeliveriesAsync(long finishedBefore, CancellationToken cancellationToken) =>
        InBatchAsync(
            _deliveries,
            finishedBefore,
            async (ids, connection, transaction) =>
            {
                // The deliveries go first: one that a person is returning to the queue at this moment is not here any more, and keeps its attempts.
                // One that has been there and back since it was found has a new time.
                var deleted = await connection.ExecuteAsync(
                    $"delete from {_tables.Deliveries} where id in ({ids}) and finished_at < @Before", new { Before = finishedBefore }, transaction);
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

    /// <summary>Deletes events that no delivery refers to any more. Returns how many, as above.</summary>
    public Task<int> DeleteEventsAsync(long createdBefore, CancellationToken cancellationToken) =>
        InBatchAsync(
            _events,
            createdBefore,
            async (ids, connection, transaction) =>
            {
                // Whoever sends an event to one more webhook locks it. So the lock comes first, and a delivery that was added by then is seen after it.
                await connection.ExecuteAsync($"update {_tables.Events} set created_at = created_at where id in ({ids})", transaction: transaction);
                return await connection.ExecuteAsync(
                    $"delete from {_tables.Events} where id in ({ids}) and {HasNone(_tables.Events)}", transaction: transaction);
            },
            cancellationToken);

    /// <summary>Erases the payloads of events whose deliveries are all finished. Returns how many, as above.</summary>
    public Task<int> ErasePayloadsAsync(long createdBefore, CancellationToken cancellationToken) =>
        InBatchAsync(
            _payloads,
            createdBefore,
            async (ids, connection, transaction) =>
            {
                // Whoever returns a delivery to the queue locks its event as well. So the lock comes first, and what has returned by then is seen after it.
                await connection.ExecuteAsync($"update {_tables.Events} set created_at = created_at where id in ({ids})", transaction: transaction);
                return await connection.ExecuteAsync(
                    $"update {_tables.Events} set payload = null where id in ({ids}) and payload is not null and {NoneWaits(_tables.Events)}",
                    transaction: transaction);
            },
            cancellationToken);

    /// <summary>Deletes operations that have ended.</summary>
    public Task<int> DeleteOperationsAsync(long finishedBefore, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"delete from {_tables.Operations} where finished_at < @Before", new { Before = finishedBefore }, transaction),
            cancellationToken);

    /// <summary>Erases secrets whose overlap is over.</summary>
    public Task<int> DeleteExpiredSecretsAsync(CancellationToken cancellationToken) =>
        _database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"delete from {_tables.Secrets} where expires_at <= @Now", new { _clock.Now }, transaction),
            cancellationToken);

    private string NoneWaits(string events) => $"not exists (select 1 from {_tables.Queue} q where q.event_id = {events}.id)";

    private string HasNone(string events) => $"{NoneWaits(events)} and not exists (select 1 from {_tables.Deliveries} d where d.event_id = {events}.id)";

    /// <summary>Does something with the next rows that a walk finds. They were found before the transaction, so it has to look again.</summary>
    private async Task<int> InBatchAsync(
        RetentionWalk walk, long before, Func<string, DbConnection, DbTransaction, Task<int>> act, CancellationToken cancellationToken)
    {
        var found = await walk.NextAsync(before, cancellationToken);

        // In order of their ids, so that two nodes that do this at once do not wait for each other in a circle.
        var ids = string.Join(',', found.Ids);
        var done = ids.Length == 0
            ? 0
            : await _database.WriteAsync((connection, transaction) => act(ids, connection, transaction), cancellationToken);

        // Only now: where the transaction failed, the next walk finds them again.
        walk.Pass(found);
        return done;
    }
}
