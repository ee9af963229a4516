using System.Diagnostics;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>
/// Claims due deliveries in two steps: who has something due, by one look into the index for each webhook, and then a few of each of those. Where
/// nothing is due, the first step is all.
/// </summary>
internal sealed class PostgreSqlClaim(PostgreSqlConnections connections, WebhookTables tables)
{
    /// <summary>The server's clock in Unix milliseconds.</summary>
    public const string Clock = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

    // The whole of the queue in order of due times, but for what a watermark leaves out; see PostgreSqlWatermark.
    private readonly string _heads = ClaimRound.Heads(tables).Replace("@From", "$1", StringComparison.Ordinal);

    private readonly string _dueHeads =
        $"""
        select w.id, w.due_at, {ClaimRound.BreakerColumns}
        from (select w.id, {ClaimRound.BreakerColumns},
                     (select min(q.due_at) from {tables.Queue} q where q.webhook_id = w.id and q.due_at between $1 and $2) as due_at
              from {tables.Webhooks} w) w
        where w.due_at is not null or {WebhookBreaker.IsThere}
        """;

    // What the server has counted of its connection is read before a look and after it.
    private readonly string _settings = $"{PostgreSqlPlans.Claim}, {EntriesRead(tables)}";

    private readonly string _state =
        $"""
        select value, {Clock}, extract(epoch from clock_timestamp() - transaction_timestamp())::float8, {ClaimRound.OperationDueAt(tables)}, {EntriesRead(tables)}
        from {tables.State} where name = 'catalogue'
        """;

    // Rows that another node is claiming at this moment are passed over, and no row is waited for. They are found by their ids and their events by
    // one look each, which "offset 0" keeps from becoming a join: for that there is no good plan over a table that is empty one moment and full the next.
    private readonly string _claim =
        $"""
        with due as materialized (
            select d.id, d.claimed_at, d.attempts
            from unnest($1, $2, $4) with ordinality as w (id, head, most, ord)
            cross join lateral (
                select q.id, q.claimed_at, q.attempts from {tables.Queue} q
                where q.webhook_id = w.id and q.due_at between w.head and $3
                order by q.due_at limit w.most
                for update skip locked) d
            limit $5
        ), interrupted as (
            insert into {tables.Attempts} (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
            select id, attempts + 1, {(int)WebhookAttemptOutcome.Interrupted}, claimed_at, {QueueStatements.InterruptedMs("$3", "claimed_at")}, $7, 0
            from due where claimed_at is not null
        ), leased as (
            update {tables.Queue} q
            set due_at = $6, claimed_at = $3, lease_seq = q.lease_seq + 1, claims = q.claims + 1,
                attempts = case when q.claimed_at is null then q.attempts else q.attempts + 1 end,
                outcome = case when q.claimed_at is null then q.outcome else {(int)WebhookAttemptOutcome.Interrupted} end,
                status_code = case when q.claimed_at is null then q.status_code end,
                attempted_at = case when q.claimed_at is null then q.attempted_at else $3 end
            where q.id = any(array(select id from due))
            returning q.id, q.event_id, q.webhook_id, q.created_at, q.lease_seq, q.claims, q.attempts
        )
        select l.id, l.event_id, l.webhook_id, l.created_at, l.lease_seq, l.claims, l.attempts, e.uid, e.trigger_name, e.payload
        from leased l
        cross join lateral (select e.uid, e.trigger_name, e.payload from {tables.Events} e where e.id = l.event_id offset 0) e
        """;

    private readonly string _nextDue =
        $"""
        select min(h.due_at)
        from unnest($1) as w (id) cross join lateral (
            select q.due_at from {tables.Queue} q where q.webhook_id = w.id and q.due_at > $2 order by q.due_at limit 1) h
        """;

    private readonly PostgreSqlWatermark _watermark = new();

    public async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var look = await LookAsync(connection, request, cancellationToken);
        var round = new ClaimRound(look.Heads, request);
        var nextDueAt = Earlier(round.NextDueAt, _watermark.NextDueAt(request.Now));
        if (round.WebhookIds.Length == 0)
        {
            return new ClaimResult([], request.AfterWebhookId, nextDueAt, round.Breakers, look.CatalogueVersion, look.OperationDueAt, look.Clock);
        }

        // If the process dies after this, the leases end and the deliveries are claimed again.
        var (claimed, next) = await TakeAsync(connection, look, round, request, cancellationToken);
        var last = claimed.Count == request.Max ? claimed[^1].WebhookId : round.WebhookIds[^1];
        return new ClaimResult(claimed, last, Earlier(nextDueAt, next), round.Breakers, look.CatalogueVersion, look.OperationDueAt, look.Clock);
    }

    private async Task<Look> LookAsync(NpgsqlConnection connection, ClaimRequest request, CancellationToken cancellationToken)
    {
        await using var commands = PostgreSqlPlans.Batch(connection, _settings);
        var from = _watermark.From;
        if (from is { } watermark)
        {
            commands.Add(_dueHeads, watermark, request.Now);
        }
        else
        {
            commands.Add(_heads, long.MinValue);
        }

        commands.Add(_state);
        var asked = Stopwatch.GetTimestamp();
        await using var rows = await commands.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var entriesBefore = rows.GetInt64(rows.FieldCount - 1);
        await rows.NextResultAsync(cancellationToken);
        var heads = new List<QueueHead>();
        while (await rows.ReadAsync(cancellationToken))
        {
            heads.Add(ClaimRound.ReadHead(rows));
        }

        await rows.NextResultAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var clock = new ClockReading(rows.GetInt64(1), asked, Stopwatch.GetTimestamp());
        _watermark.Looked(heads, request.Now, isFull: from is null, rows.GetInt64(4) - entriesBefore, TimeSpan.FromSeconds(rows.GetDouble(2)));
        return new Look(heads, rows.GetInt64(0), await rows.GetFieldValueAsync<long?>(3, cancellationToken), clock);
    }

    private async Task<(List<LeasedDelivery> Claimed, long? NextDueAt)> TakeAsync(
        NpgsqlConnection connection, Look look, ClaimRound round, ClaimRequest request, CancellationToken cancellationToken)
    {
        var heads = look.Heads.Where(head => head.DueAt is not null).ToDictionary(head => head.WebhookId, head => head.DueAt!.Value);
        await using var commands = PostgreSqlPlans.Batch(connection, PostgreSqlPlans.Claim);
        commands.Add(
            _claim,
            round.WebhookIds,
            Array.ConvertAll(round.WebhookIds, id => heads[id]),
            request.Now,
            Array.ConvertAll(round.Limits, limit => (long)limit),
            (long)request.Max,
            request.LeaseEnd,
            LeasedDelivery.InterruptedError);
        commands.Add(_nextDue, round.WebhookIds, request.Now);

        await using var rows = await commands.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        var claimed = new List<LeasedDelivery>();
        while (await rows.ReadAsync(cancellationToken))
        {
            claimed.Add(await ReadAsync(rows, request.ClaimedTimestamp, cancellationToken));
        }

        await rows.NextResultAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var nextDueAt = await rows.GetFieldValueAsync<long?>(0, cancellationToken);
        while (await rows.NextResultAsync(cancellationToken))
        {
            // To the end: only then is it known that the commit succeeded.
        }

        var places = round.WebhookIds.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return ([.. claimed.OrderBy(delivery => places[delivery.WebhookId]).ThenBy(delivery => delivery.Id)], nextDueAt);
    }

    private static async Task<LeasedDelivery> ReadAsync(NpgsqlDataReader row, long claimedTimestamp, CancellationToken cancellationToken) => new()
    {
        Id = row.GetInt64(0),
        EventId = row.GetInt64(1),
        WebhookId = row.GetInt64(2),
        CreatedAt = row.GetInt64(3),
        LeaseSequence = row.GetInt64(4),
        Claims = row.GetInt32(5),
        Attempts = row.GetInt32(6),
        EventUid = row.GetGuid(7),
        Trigger = row.GetString(8),
        Payload = await row.IsDBNullAsync(9, cancellationToken) ? ReadOnlyMemory<byte>.Empty : row.GetFieldValue<byte[]>(9),
        ClaimedTimestamp = claimedTimestamp,
    };

    // Of the index by due time, dead ones too; 0 on a server that does not count, which does not vacuum by itself either.
    private static string EntriesRead(WebhookTables tables) => $"pg_stat_get_xact_tuples_returned('{tables.Queue}_due'::regclass)";

    private static long? Earlier(long? one, long? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private sealed record Look(List<QueueHead> Heads, long CatalogueVersion, long? OperationDueAt, ClockReading Clock);
}
