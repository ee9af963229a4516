using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Reads the log. Unfinished deliveries are in the queue, finished ones in a table of their own; people see one list, the newest first,
/// merged from two reads by key.
/// </summary>
internal sealed class DeliveryRepository
{
    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly WebhookTables _tables;
    private readonly string _unfinishedTables;
    private readonly string _finishedTables;

    public DeliveryRepository(WebhookDatabase database, StoreClock clock)
    {
        _database = database;
        _clock = clock;
        _tables = database.Dialect.Tables;
        var joins = $"join {_tables.Events} e on e.id = d.event_id join {_tables.Webhooks} w on w.id = d.webhook_id";
        _unfinishedTables = $"from {_tables.Queue} d {joins}";
        _finishedTables = $"from {_tables.Deliveries} d {joins}";
    }

    private static string Columns { get; } =
        """
        d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
        w.name as WebhookName, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number
        """;

    private static string LastAttempt { get; } = DeliveryRow.AttemptColumns("d");

    private static string EarlierAttempt { get; } = DeliveryRow.AttemptColumns("a");

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

        // Each side may hold all of the page.
        var now = _clock.Now;
        var parameters = DeliveryFilter.Parameters(query, _database.Dialect, now, beforeId, limit);
        var payload = query.IncludePayload ? ", e.payload as Payload" : "";
        var page = $"order by d.id desc {_database.Dialect.Page}";

        var rows = await _database.ReadAsync(
            async connection =>
            {
                var found = new List<DeliveryRow>();
                if (DeliveryFilter.WantsUnfinished(query))
                {
                    found.AddRange(await connection.QueryAsync<DeliveryRow>(
                        $"""
                        select {Columns}, d.due_at as DueAt, d.claimed_at as ClaimedAt, {EarlierAttempt}{payload}
                        {_unfinishedTables} left join {_tables.Attempts} a on a.delivery_id = d.id and a.number = d.attempts
                        {DeliveryFilter.Unfinished(query)} {page}
                        """,
                        parameters));
                }

                if (DeliveryFilter.WantsFinished(query))
                {
                    found.AddRange(await connection.QueryAsync<DeliveryRow>(
                        $"""
                        select {Columns}, d.status as Status, d.finished_at as FinishedAt, {LastAttempt}{payload}
                        {_finishedTables} {DeliveryFilter.Finished(query)} {page}
                        """,
                        parameters));
                }

                return found;
            },
            cancellationToken);

        // A delivery that was finished between the two reads is in both; the finished one, read later, is right.
        return
        [
            .. rows.GroupBy(row => row.Id).Select(twins => twins.Last())
                .OrderByDescending(row => row.Id).Take(limit)
                .Select(row => row.ToDelivery(now)),
        ];
    }

    private Task<List<long>> IdsAsync(WebhookDeliveryQuery query, long beforeId, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async connection =>
            {
                var parameters = DeliveryFilter.Parameters(query, _database.Dialect, _clock.Now, beforeId, limit + query.Offset);
                var page = $"order by d.id desc {_database.Dialect.Page}";
                var unfinished = DeliveryFilter.WantsUnfinished(query)
                    ? await connection.QueryAsync<long>($"select d.id {_unfinishedTables} {DeliveryFilter.Unfinished(query)} {page}", parameters)
                    : [];
                var finished = DeliveryFilter.WantsFinished(query)
                    ? await connection.QueryAsync<long>($"select d.id {_finishedTables} {DeliveryFilter.Finished(query)} {page}", parameters)
                    : [];
                return unfinished.Union(finished).OrderDescending().Skip(query.Offset).Take(limit).ToList();
            },
            cancellationToken);

    public Task<int> CountAsync(WebhookDeliveryQuery query, int atMost, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async connection =>
            {
                var parameters = DeliveryFilter.Parameters(query, _database.Dialect, _clock.Now, long.MaxValue, atMost);
                var count = 0;
                if (DeliveryFilter.WantsUnfinished(query))
                {
                    count += await CountAsync(connection, $"{_unfinishedTables} {DeliveryFilter.Unfinished(query)}", parameters);
                }

                if (DeliveryFilter.WantsFinished(query))
                {
                    count += await CountAsync(connection, $"{_finishedTables} {DeliveryFilter.Finished(query)}", parameters);
                }

                return Math.Min(count, atMost);
            },
            cancellationToken);

    /// <summary>Every attempt: those before the last, and the last one where it stands with the finished delivery.</summary>
    public Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(long id, CancellationToken cancellationToken) =>
        _database.ReadAsync<IReadOnlyList<WebhookAttempt>>(
            async connection =>
            {
                var earlier = (await connection.QueryAsync<DeliveryRow>(
                    $"""
                    select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, a.number as Number, {EarlierAttempt}
                    from {_tables.Attempts} a
                    join (select id, event_id from {_tables.Queue} where id = @Id
                          union select id, event_id from {_tables.Deliveries} where id = @Id) d on d.id = a.delivery_id
                    join {_tables.Events} e on e.id = d.event_id
                    where a.delivery_id = @Id order by a.number
                    """,
                    new { Id = id })).ToList();
                var last = await connection.QuerySingleOrDefaultAsync<DeliveryRow>(
                    $"select {Columns}, {LastAttempt} {_finishedTables} where d.id = @Id and d.outcome is not null", new { Id = id });

                // A retry between the two reads moves the last attempt to the earlier ones.
                return
                [
                    .. (last is null ? earlier : [.. earlier.Where(attempt => attempt.Number != last.Number), last])
                        .Select(row => row.ToAttempt()!),
                ];
            },
            cancellationToken);

    private Task<int> CountAsync(DbConnection connection, string from, object parameters) =>
        connection.ExecuteScalarAsync<int>(
            $"select count(*) from (select d.id {from} order by d.id desc {_database.Dialect.Page}) found", parameters);
}
