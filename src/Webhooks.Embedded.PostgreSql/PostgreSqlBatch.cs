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

    // Who holds a webhook's row is changing it, or is another node that says the same of it at this moment: the next batch tells again, and no outcome
    // waits for this.
    private readonly string _health =
        $"""
        update {tables.Webhooks} w
        set last_success_at = coalesce(($2)[width_bucket(w.id, $1)], w.last_success_at),
            last_failure_at = coalesce(($3)[width_bucket(w.id, $1)], w.last_failure_at),
            last_failure = coalesce(($4)[width_bucket(w.id, $1)], w.last_failure),
            last_status_code = ($5)[width_bucket(w.id, $1)]
        where w.id = any(array(select l.id from {tables.Webhooks} l where l.id = any($1) order by l.id for no key update skip locked))
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
        _events.Add(commands, [newEvent], now, leaseEnd: now);
        List<NewEvent> missing;
        await using (var rows = await commands.ExecuteReaderAsync(cancellationToken))
        {
            missing = await PostgreSqlEvents.ReadAsync(rows, [newEvent], cancellationToken);
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
        if (batch.Events.Count > 0)
        {
            _events.Add(commands, batch.Events, batch.Now, batch.LeaseEnd);
        }

        var groups = _records.Add(commands, batch.Records);
        AddHealth(commands, batch);

        await using var rows = await commands.ExecuteReaderAsync(cancellationToken);
        List<NewEvent> missing = [];
        if (batch.Events.Count > 0)
        {
            await rows.NextResultAsync(cancellationToken);
            missing = await PostgreSqlEvents.ReadAsync(rows, batch.Events, cancellationToken);
        }

        // Of a delivery that is recorded twice, only the later record is in a group; the other one lost its lease.
        batch.Records.ForEach(record => record.LeaseHeld = false);
        foreach (var group in groups)
        {
            await rows.NextResultAsync(cancellationToken);
            await ReadHeldAsync(rows, group, cancellationToken);
        }

        while (await rows.NextResultAsync(cancellationToken))
        {
            // To the end: only then is it known that the commit succeeded.
        }

        return missing;
    }

    private void AddHealth(NpgsqlBatch commands, StoreBatch batch)
    {
        WebhookHealth[] health = [.. batch.Health()];
        if (health.Length > 0)
        {
            commands.Add(
                _health,
                Array.ConvertAll(health, h => h.WebhookId),
                Array.ConvertAll(health, h => h.LastSuccessAt),
                Array.ConvertAll(health, h => h.LastFailureAt),
                Array.ConvertAll(health, h => h.LastFailure),
                Array.ConvertAll(health, h => (short?)h.LastStatusCode));
        }
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
