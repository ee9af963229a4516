using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>What people do with deliveries: retry, park. All of it leaves leased ones alone: they end first.</summary>
internal sealed class QueueRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    // Not leased: never claimed since the last outcome, or claimed by a node that let its lease end.
    private const string NotLeased = "(claimed_at is null or due_at <= @Now)";

    private readonly WebhookTables _tables = database.Dialect.Tables;

    private string Mine => scope.AndOfWebhook(_tables);

    public QueueRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    public Task<IReadOnlyList<WebhookRetry>> RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<WebhookRetry>>(
            async (connection, transaction) =>
            {
                // By their numbers, so that two people who retry the same ones never wait for each other in a circle.
                var results = new Dictionary<long, WebhookRetryResult>();
                foreach (var id in ids.Distinct().Order())
                {
                    results.Add(id, await RetryAsync(id, connection, transaction));
                }

                return [.. ids.Distinct().Select(id => new WebhookRetry(id, results[id]))];
            },
            cancellationToken);

    /// <summary>Holds what is not finished until a person acts.</summary>
    public Task<int> ParkAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Queue} set due_at = null where webhook_id = @WebhookId and due_at is not null and {NotLeased}{Mine}",
                new { WebhookId = webhookId, clock.Now, ScopeTenant = scope.Tenant },
                transaction),
            cancellationToken);

    /// <summary>Makes one delivery due now, in a transaction of the caller's.</summary>
    public async Task<WebhookRetryResult> RetryAsync(long id, DbConnection connection, DbTransaction transaction)
    {
        var parameters = new { Id = id, clock.Now, ScopeTenant = scope.Tenant };
        var isLocked = await LockAsync(parameters, connection, transaction);
        var row = await connection.QuerySingleOrDefaultAsync<RetryRow>(
            $"""
            select d.finished as Finished, d.leased as Leased, case when w.deleted_at is null then 0 else 1 end as Deleted,
                   w.enabled as Enabled, case when e.payload is null then 1 else 0 end as PayloadExpired
            from (select event_id, webhook_id, 0 as finished, case when {NotLeased} or due_at is null then 0 else 1 end as leased
                  from {_tables.Queue} where id = @Id
                  union all
                  select event_id, webhook_id, 1, 0 from {_tables.Deliveries} where id = @Id) d
            join {_tables.Webhooks} w on w.id = d.webhook_id{scope.And("w.tenant")}
            join {_tables.Events} e on e.id = d.event_id
            """,
            parameters,
            transaction);

        switch (row)
        {
            case null:
                return WebhookRetryResult.NotFound;
            case { Leased: true }:
            case not null when !isLocked:
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
                await connection.ExecuteAsync($"update {_tables.Queue} set due_at = @Now where id = @Id{Mine}", parameters, transaction);
                return WebhookRetryResult.Queued;
        }
    }

    /// <summary>
    /// Keeps the delivery where it is until the commit, so that of several people who retry it at once only one moves it, and nobody claims, finishes
    /// or deletes it meanwhile. False where there is none, or where a node has it: that one's writer records many outcomes at once, and must neither
    /// wait for people nor meet them in a circle.
    /// </summary>
    private async Task<bool> LockAsync(object parameters, DbConnection connection, DbTransaction transaction)
    {
        // It may be moved between two looks, by an outcome or by somebody else's retry, and then it is on the other side.
        for (var look = 0; look < 3; look++)
        {
            if (await LockAsync(_tables.Deliveries, "", parameters, connection, transaction))
            {
                // Its payload must not be erased: retention does so where all deliveries are finished.
                await connection.ExecuteAsync(
                    $"update {_tables.Events} set created_at = created_at where id = (select event_id from {_tables.Deliveries} where id = @Id{Mine})",
                    parameters,
                    transaction);
                return true;
            }

            if (await LockAsync(_tables.Queue, $" and ({NotLeased} or due_at is null)", parameters, connection, transaction))
            {
                return true;
            }

            if (await IsLeasedAsync(parameters, connection, transaction))
            {
                return false;
            }
        }

        return false;
    }

    private async Task<bool> LockAsync(string table, string condition, object parameters, DbConnection connection, DbTransaction transaction) =>
        await connection.ExecuteAsync($"update {table} set attempts = attempts where id = @Id{condition}{Mine}", parameters, transaction) == 1;

    private async Task<bool> IsLeasedAsync(object parameters, DbConnection connection, DbTransaction transaction) =>
        await connection.ExecuteScalarAsync<int>(
            $"select count(*) from {_tables.Queue} where id = @Id and claimed_at is not null and due_at > @Now{Mine}", parameters, transaction) > 0;

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
                from {_tables.Deliveries} where id = @Id{Mine}
                """),
            parameters,
            transaction);
        await connection.ExecuteAsync(
            $"""
            insert into {_tables.Attempts}
                (delivery_id, number, {QueueStatements.AttemptColumns})
            select id, attempts, {QueueStatements.AttemptColumns} from {_tables.Deliveries} where id = @Id and outcome is not null{Mine}
            """,
            parameters,
            transaction);
        await connection.ExecuteAsync($"delete from {_tables.Deliveries} where id = @Id{Mine}", parameters, transaction);
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
