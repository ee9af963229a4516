using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>
/// Writes a batch of the writer: whatever is in it goes to the server in one round trip, as one transaction. A second one follows only where
/// something did not go as usual.
/// </summary>
internal sealed class PostgreSqlBatch(PostgreSqlConnections connections, WebhookTables tables)
{
    private readonly PostgreSqlEvents _events = new(tables);
    private readonly PostgreSqlRecords _records = new(tables);

    // Who holds a webhook's row is changing it, or is another node that counts at this moment: the next batch counts this too, and no outcome
    // waits for it. What comes back are the counters of those that do not do well, and the ids of those that were not counted.
    private readonly string _health =
        $"""
        with counted as (
            update {tables.Webhooks} w
            set last_success_at = coalesce(($2)[width_bucket(w.id, $1)], w.last_success_at),
                last_failure_at = coalesce(($3)[width_bucket(w.id, $1)], w.last_failure_at),
                last_failure = coalesce(($4)[width_bucket(w.id, $1)], w.last_failure),
                last_status_code = ($5)[width_bucket(w.id, $1)],
                failures = case when ($6)[width_bucket(w.id, $1)] > 0 then ($7)[width_bucket(w.id, $1)]
                                when w.failures < 1000000 then w.failures + ($7)[width_bucket(w.id, $1)] else w.failures end,
                failing_since = case when ($6)[width_bucket(w.id, $1)] > 0 then ($8)[width_bucket(w.id, $1)]
                                     else coalesce(w.failing_since, ($8)[width_bucket(w.id, $1)]) end,
                warnings = case when ($6)[width_bucket(w.id, $1)] > 0 then 0 else w.warnings end,
                successes = case when w.breaker = 0 then 0 else w.successes + ($6)[width_bucket(w.id, $1)] end,
                window_at = case when w.window_at > $11 then w.window_at else $12 end,
                window_attempts = case when w.window_at > $11 then w.window_attempts else 0 end + ($9)[width_bucket(w.id, $1)],
                window_failures = case when w.window_at > $11 then w.window_failures else 0 end + ($10)[width_bucket(w.id, $1)]
            where w.id = any(array(select l.id from {tables.Webhooks} l where l.id = any($1) order by l.id for no key update skip locked))
            returning {WebhookCounters.Columns}
        )
        select {WebhookCounters.Columns} from counted where {WebhookCounters.Unwell}
        union all
        select s.id, null, null, null, null, null, null, null, null, null, null, null, null, null
        from unnest($1) as s (id) where not exists (select 1 from counted c where c.id = s.id)
        """;

    public async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var missing = await WriteAsync(connection, batch, cancellationToken);

        // Durable from here on. If the process dies before the next line has ended, publishers that get no answer may publish again, and an attempt
        // that was taken for interrupted stays so in the log.
        var late = batch.Records.Where(record => record is { LeaseHeld: false, Attempt: not null }).ToArray();
        if (missing.Count > 0 || late.Length > 0)
        {
            await ExplainAsync(connection, missing, late, batch.Now, cancellationToken);
        }
    }

    /// <summary>Writes one event on a caller's transaction.</summary>
    public async Task InsertAsync(NpgsqlTransaction transaction, NewEvent newEvent, long now, CancellationToken cancellationToken)
    {
        // Without settings: these would stay for the rest of the caller's transaction, and one event needs none.
        await using var commands = new NpgsqlBatch(transaction.Connection, transaction);
        var insert = _events.Add(commands, [newEvent], now, leaseEnd: now, mayBeThere: true);
        List<NewEvent> missing;
        await using (var rows = await commands.ExecuteReaderAsync(cancellationToken))
        {
            missing = await PostgreSqlEvents.ReadAsync(rows, insert, cancellationToken);
        }

        if (missing.Count > 0)
        {
            await using var lookup = new NpgsqlBatch(transaction.Connection, transaction);
            _events.AddLookup(lookup, missing, now);
            await using var rows = await lookup.ExecuteReaderAsync(cancellationToken);
            await PostgreSqlEvents.ReadLookupAsync(rows, missing, cancellationToken);
        }
    }

    /// <summary>Returns the events that were not stored.</summary>
    private async Task<List<NewEvent>> WriteAsync(NpgsqlConnection connection, StoreBatch batch, CancellationToken cancellationToken)
    {
        await using var commands = PostgreSqlPlans.Batch(connection, PostgreSqlPlans.Write);
        PostgreSqlEvents.EventInsert? insert = null;
        if (batch.Events.Count > 0)
        {
            var mayBeThere = batch.MayBeStored || batch.Events.Exists(e => e.IdempotencyKey is not null);
            insert = _events.Add(commands, batch.Events, batch.Now, batch.LeaseEnd, mayBeThere);
        }

        var groups = _records.Add(commands, batch.Records);
        var health = batch.Health;
        AddHealth(commands, health, batch.Now);

        await using var rows = await commands.ExecuteReaderAsync(cancellationToken);
        List<NewEvent> missing = [];
        if (insert is not null)
        {
            await rows.NextResultAsync(cancellationToken);
            missing = await PostgreSqlEvents.ReadAsync(rows, insert, cancellationToken);
        }

        // Of a delivery that is recorded twice, only the later record is in a group; the other one lost its lease.
        batch.Records.ForEach(record => record.LeaseHeld = false);
        foreach (var group in groups)
        {
            await rows.NextResultAsync(cancellationToken);
            await ReadHeldAsync(rows, group, cancellationToken);
        }

        if (health.Length > 0)
        {
            await rows.NextResultAsync(cancellationToken);
            await ReadCountersAsync(rows, health, batch, cancellationToken);
        }

        while (await rows.NextResultAsync(cancellationToken))
        {
            // To the end: only then is it known that the commit succeeded.
        }

        return missing;
    }

    private void AddHealth(NpgsqlBatch commands, HealthChange[] health, long now)
    {
        if (health.Length > 0)
        {
            commands.Add(
                _health,
                Array.ConvertAll(health, h => h.WebhookId),
                Array.ConvertAll(health, h => h.LastSuccessAt),
                Array.ConvertAll(health, h => h.LastFailureAt),
                Array.ConvertAll(health, h => h.LastFailure),
                Array.ConvertAll(health, h => (short?)h.LastStatusCode),
                Array.ConvertAll(health, h => h.Successes),
                Array.ConvertAll(health, h => h.FailuresInARow),
                Array.ConvertAll(health, h => h.FailingSince),
                Array.ConvertAll(health, h => h.Attempts),
                Array.ConvertAll(health, h => h.Failures),
                now - WebhookCounters.WindowMs,
                now);
        }
    }

    private static async Task ReadCountersAsync(NpgsqlDataReader rows, HealthChange[] health, StoreBatch batch, CancellationToken cancellationToken)
    {
        var unwell = new List<WebhookCounters>();
        var skipped = new HashSet<long>();
        while (await rows.ReadAsync(cancellationToken))
        {
            if (await rows.IsDBNullAsync(1, cancellationToken))
            {
                skipped.Add(rows.GetInt64(0));
            }
            else
            {
                unwell.Add(WebhookCounters.Read(rows));
            }
        }

        batch.Unwell = unwell;
        batch.Skipped = skipped.Count == 0 ? [] : Array.FindAll(health, h => skipped.Contains(h.WebhookId));
    }

    private static async Task ReadHeldAsync(NpgsqlDataReader rows, DeliveryRecord[] group, CancellationToken cancellationToken)
    {
        var held = new HashSet<long>(group.Length);
        while (await rows.ReadAsync(cancellationToken))
        {
            held.Add(rows.GetInt64(0));
        }

        foreach (var record in group)
        {
            record.LeaseHeld = held.Contains(record.Delivery.Id);
        }
    }

    private async Task ExplainAsync(
        NpgsqlConnection connection, List<NewEvent> missing, DeliveryRecord[] late, long now, CancellationToken cancellationToken)
    {
        await using var commands = PostgreSqlPlans.Batch(connection, PostgreSqlPlans.Claim);
        if (missing.Count > 0)
        {
            _events.AddLookup(commands, missing, now);
        }

        foreach (var record in late)
        {
            _records.AddCompletion(commands, record);
        }

        await using var rows = await commands.ExecuteReaderAsync(cancellationToken);
        if (missing.Count > 0)
        {
            await rows.NextResultAsync(cancellationToken);
            await PostgreSqlEvents.ReadLookupAsync(rows, missing, cancellationToken);
        }

        while (await rows.NextResultAsync(cancellationToken))
        {
            // To the end: only then is it known that the commit succeeded.
        }
    }
}
