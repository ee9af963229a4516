using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>What people do with deliveries: retry, park, send what was parked, cancel. All of it leaves leased ones alone: they end first.</summary>
internal sealed class QueueRepository(WebhookDatabase database, StoreClock clock)
{
    // Not leased: never claimed since the last outcome, or claimed by a node that let its lease end.
    private const string NotLeased = "(claimed_at is null or due_at <= @Now)";

    private readonly WebhookTables _tables = database.Dialect.Tables;

    public Task<IReadOnlyList<WebhookRetry>> RetryAsync(IEnumerable<long> ids, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<WebhookRetry>>(
            async (connection, transaction) =>
            {
                var retries = new List<WebhookRetry>();
                foreach (var id in ids.Distinct())
                {
                    retries.Add(new WebhookRetry(id, await RetryAsync(id, connection, transaction)));
                }

                return retries;
            },
            cancellationToken);

    /// <summary>Holds what is not finished until a person acts.</summary>
    public Task<int> ParkAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Queue} set due_at = null where webhook_id = @WebhookId and due_at is not null and {NotLeased}",
                new { WebhookId = webhookId, clock.Now },
                transaction),
            cancellationToken);

    /// <summary>Makes what was parked due now.</summary>
    public Task<int> UnparkAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Queue} set due_at = @Now where webhook_id = @WebhookId and due_at is null",
                new { WebhookId = webhookId, clock.Now },
                transaction),
            cancellationToken);

    /// <summary>Finishes as cancelled what is not finished, with the last attempt where one was made.</summary>
    public Task<int> CancelAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var parameters = new { WebhookId = webhookId, clock.Now, Status = (int)WebhookDeliveryStatus.Cancelled };
                var condition = $"q.webhook_id = @WebhookId and (q.claimed_at is null or q.due_at is null or q.due_at <= @Now)";
                await connection.ExecuteAsync(QueueStatements.Finish(_tables, condition), parameters, transaction);
                await connection.ExecuteAsync(QueueStatements.DropLastAttempt(_tables, condition), parameters, transaction);
                return await connection.ExecuteAsync(
                    $"delete from {_tables.Queue} where webhook_id = @WebhookId and (claimed_at is null or due_at is null or due_at <= @Now)",
                    parameters,
                    transaction);
            },
            cancellationToken);

    private async Task<WebhookRetryResult> RetryAsync(long id, DbConnection connection, DbTransaction transaction)
    {
        var parameters = new { Id = id, clock.Now };
        var row = await connection.QuerySingleOrDefaultAsync<RetryRow>(
            $"""
            select d.finished as Finished, d.leased as Leased, case when w.deleted_at is null then 0 else 1 end as Deleted,
                   w.enabled as Enabled, case when e.payload is null then 1 else 0 end as PayloadExpired
            from (select event_id, webhook_id, 0 as finished, case when {NotLeased} or due_at is null then 0 else 1 end as leased
                  from {_tables.Queue} where id = @Id
                  union all
                  select event_id, webhook_id, 1, 0 from {_tables.Deliveries} where id = @Id) d
            join {_tables.Webhooks} w on w.id = d.webhook_id
            join {_tables.Events} e on e.id = d.event_id
            """,
            parameters,
            transaction);

        switch (row)
        {
            case null:
                return WebhookRetryResult.NotFound;
            case { Leased: true }:
                return WebhookRetryResult.UnderWay;
            case { Deleted: true }:
                return WebhookRetryResult.WebhookDeleted;
            case { Enabled: false }:
                return WebhookRetryResult.WebhookDisabled;
            case { PayloadExpired: true }:
                return WebhookRetryResult.PayloadExpired;
            case { Finished: true }:
                await ReturnToQueueAsync(parameters, connection, transaction);
                return WebhookRetryResult.Queued;
            default:
                await connection.ExecuteAsync($"update {_tables.Queue} set due_at = @Now where id = @Id", parameters, transaction);
                return WebhookRetryResult.Queued;
        }
    }

    /// <summary>Moves a finished delivery back under its id, and its last attempt to the earlier ones.</summary>
    private async Task ReturnToQueueAsync(object parameters, DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            database.Dialect.InsertWithId(
                _tables.Queue,
                $"""
                insert into {_tables.Queue}
                    (id, event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at, outcome, status_code, attempted_at)
                select id, event_id, webhook_id, @Now, lease_seq, 0, attempts, created_at, outcome, status_code, started_at + duration_ms
                from {_tables.Deliveries} where id = @Id
                """),
            parameters,
            transaction);
        await connection.ExecuteAsync(
            $"""
            insert into {_tables.Attempts}
                (delivery_id, number, {QueueStatements.AttemptColumns})
            select id, attempts, {QueueStatements.AttemptColumns} from {_tables.Deliveries} where id = @Id and outcome is not null
            """,
            parameters,
            transaction);
        await connection.ExecuteAsync($"delete from {_tables.Deliveries} where id = @Id", parameters, transaction);
    }

    private sealed class RetryRow
    {
        public bool Finished { get; init; }

        public bool Leased { get; init; }

        public bool Deleted { get; init; }

        public bool Enabled { get; init; }

        public bool PayloadExpired { get; init; }
    }
}
