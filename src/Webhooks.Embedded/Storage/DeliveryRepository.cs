using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Reads the log. Unfinished deliveries are in the queue, finished ones in a table of their own; people see one list, the newest first,
/// merged from two sides by key.
/// </summary>
internal sealed class DeliveryRepository
{
    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly TenantScope _scope;
    private readonly WebhookTables _tables;
    private readonly string _unfinishedTables;
    private readonly string _finishedTables;
    private readonly string _lastAttempt;
    private readonly string _earlierAttempt;

    public DeliveryRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
    {
        _scope = scope;
        _database = database;
        _clock = clock;
        _tables = database.Dialect.Tables;
        var joins = $"join {_tables.Events} e on e.id = d.event_id join {_tables.Webhooks} w on w.id = d.webhook_id";
        _unfinishedTables = $"from {_tables.Queue} d {joins}";
        _finishedTables = $"from {_tables.Deliveries} d {joins}";
        _lastAttempt = DeliveryRow.AttemptColumns(_tables, "d");
        _earlierAttempt = DeliveryRow.AttemptColumns(_tables, "a");
    }

    public DeliveryRepository ForTenant(string tenant) => new(_database, _clock, _scope.To(tenant));

    private static string Columns { get; } =
        """
        d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
        w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number
        """;

    public async Task<IReadOnlyList<WebhookDelivery>> ListAsync(
        WebhookDeliveryQuery query, long beforeId, int limit, CancellationToken cancellationToken)
    {
        if (query.Offset > 0)
        {
            // What is passed over is read by its ids alone: a page far back must not fetch the bodies of all before it.
            var ids = await IdsAsync(query, beforeId, limit, cancellationToken);
            var onPage = new WebhookDeliveryQuery { Ids = ids, IncludePayload = query.IncludePayload };
            return ids.Count == 0 ? [] : await ListAsync(onPage, long.MaxValue, ids.Count, cancellationToken);
        }

        var now = _clock.Now;
        var parameters = DeliveryFilter.Parameters(query, _scope, _database.Dialect, now, beforeId, limit);
        var payload = query.IncludePayload ? ", e.payload as Payload" : "";
        var page = $"order by d.id desc {_database.Dialect.Page}";
        var log = Log(
            query,
            $"""
            select {Columns}, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
                   cast(null as bigint) as FinishedAt, {_earlierAttempt}{payload}
            {_unfinishedTables} left join {_tables.Attempts} a on a.delivery_id = d.id and a.number = d.attempts
            {DeliveryFilter.Unfinished(query, _scope)} {page}
            """,
            $"""
            select {Columns}, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
                   d.finished_at as FinishedAt, {_lastAttempt}{payload}
            {_finishedTables} {DeliveryFilter.Finished(query, _scope)} {page}
            """);
        var rows = await _database.ReadAsync(connection => connection.QueryAsync<DeliveryRow>(log, parameters), cancellationToken);
        return [.. rows.OrderByDescending(row => row.Id).Take(limit).Select(row => row.ToDelivery(now))];
    }

    public Task<int> CountAsync(WebhookDeliveryQuery query, int atMost, CancellationToken cancellationToken) =>
        CountAsync(query, long.MaxValue, atMost, cancellationToken);

    /// <summary>How many there are below an id, up to a number.</summary>
    public Task<int> CountAsync(WebhookDeliveryQuery query, long beforeId, int atMost, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async connection => Math.Min(atMost, await connection.ExecuteScalarAsync<int>(
                $"select count(*) from ({Ids(query)}) found",
                DeliveryFilter.Parameters(query, _scope, _database.Dialect, _clock.Now, beforeId, atMost))),
            cancellationToken);

    /// <summary>Every attempt: those before the last, and the last one where it stands with the finished delivery.</summary>
    public Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(long id, CancellationToken cancellationToken) =>
        _database.ReadAsync<IReadOnlyList<WebhookAttempt>>(
            async connection =>
            [
                .. (await connection.QueryAsync<DeliveryRow>(
                    $"""
                    select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, a.number as Number, {_earlierAttempt}
                    from {_tables.Attempts} a
                    join (select id, event_id, webhook_id from {_tables.Queue} where id = @Id
                          union all select id, event_id, webhook_id from {_tables.Deliveries} where id = @Id) d on d.id = a.delivery_id
                    join {_tables.Events} e on e.id = d.event_id
                    where a.delivery_id = @Id{_scope.And("e.tenant")}
                    union all
                    select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, d.attempts as Number, {_lastAttempt}
                    {_finishedTables} where d.id = @Id and d.outcome is not null{_scope.And("e.tenant")}
                    """,
                    new { Id = id, ScopeTenant = _scope.Tenant }))
                    .OrderBy(row => row.Number)
                    .Select(row => row.ToAttempt()!),
            ],
            cancellationToken);

    /// <summary>The highest id there is, of all tenants; 0 where there is none.</summary>
    public Task<long> LastIdAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(QueueStatements.LastId(_tables)), cancellationToken);

    /// <summary>The lowest id there is, of all tenants; the highest number where there is none.</summary>
    public Task<long> FirstIdAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(
                $"""
                select coalesce(min(ids.id), {long.MaxValue})
                from (select min(id) as id from {_tables.Queue} union all select min(id) as id from {_tables.Deliveries}) ids
                """),
            cancellationToken);

    /// <summary>The ids from one to below another one, the highest first.</summary>
    public async Task<IReadOnlyCollection<long>> IdsBetweenAsync(
        WebhookDeliveryQuery query, long fromId, long beforeId, int limit, CancellationToken cancellationToken)
    {
        var parameters = DeliveryFilter.Parameters(query, _scope, _database.Dialect, _clock.Now, beforeId, limit, fromId);
        var statement = Ids(query with { Offset = 0 }, " and d.id >= @FromId");
        var ids = await _database.ReadAsync(connection => connection.QueryAsync<long>(statement, parameters), cancellationToken);
        return [.. ids.OrderDescending().Take(limit)];
    }

    /// <summary>Which of some deliveries a query finds at this moment, the lowest id first; in a transaction of the caller's.</summary>
    public async Task<IReadOnlyList<long>> StillFoundAsync(
        WebhookDeliveryQuery query, IReadOnlyCollection<long> ids, DbConnection connection, DbTransaction transaction)
    {
        var ofThese = query with { Ids = ids, Offset = 0 };
        var parameters = DeliveryFilter.Parameters(ofThese, _scope, _database.Dialect, _clock.Now, long.MaxValue, ids.Count);
        var found = ids.Count == 0 ? [] : await connection.QueryAsync<long>(Ids(ofThese), parameters, transaction);
        return [.. found.Order()];
    }

    private async Task<IReadOnlyCollection<long>> IdsAsync(
        WebhookDeliveryQuery query, long beforeId, int limit, CancellationToken cancellationToken)
    {
        var parameters = DeliveryFilter.Parameters(query, _scope, _database.Dialect, _clock.Now, beforeId, limit + query.Offset);
        var ids = await _database.ReadAsync(connection => connection.QueryAsync<long>(Ids(query), parameters), cancellationToken);
        return [.. ids.OrderDescending().Skip(query.Offset).Take(limit)];
    }

    private string Ids(WebhookDeliveryQuery query, string condition = "")
    {
        var page = $"order by d.id desc {_database.Dialect.Page}";
        return Log(
            query,
            $"select d.id as Id {_unfinishedTables} {DeliveryFilter.Unfinished(query, _scope)}{condition} {page}",
            $"select d.id as Id {_finishedTables} {DeliveryFilter.Finished(query, _scope)}{condition} {page}");
    }

    /// <summary>
    /// Both sides of the log, as far as the query wants them, each with as many rows as the page may need. One statement sees one moment:
    /// a delivery that is finished or retried meanwhile is neither missed nor seen twice.
    /// </summary>
    private static string Log(WebhookDeliveryQuery query, string unfinished, string finished) =>
        (DeliveryFilter.WantsUnfinished(query), DeliveryFilter.WantsFinished(query)) switch
        {
            (true, false) => unfinished,
            (false, true) => finished,
            _ => $"select * from ({unfinished}) unfinished union all select * from ({finished}) finished",
        };
}
