using Microsoft.Data.Sqlite;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>
/// Claims due deliveries in rounds over the webhooks that have any, a few of each. One step finds the next webhook and its earliest due
/// time by one look into the index, so that a webhook with a million rows costs no more than one with a single row.
/// </summary>
internal sealed class SqliteClaim : IDisposable
{
    private readonly SqliteStatement _state;
    private readonly SqliteStatement _breakers;
    private readonly SqliteStatement _nextWebhook;
    private readonly SqliteStatement _due;
    private readonly SqliteStatement _lease;
    private readonly SqliteStatement _interrupt;
    private readonly SqliteStatement _insertInterrupted;

    public SqliteClaim(SqliteConnection connection, WebhookTables tables)
    {
        _state = new(connection, $"select value, {ClaimRound.OperationDueAt(tables)} from {tables.State} where name = 'catalogue'");
        _breakers = new(connection, $"select w.id, {ClaimRound.BreakerColumns} from {tables.Webhooks} w where {WebhookBreaker.IsThere}");
        _nextWebhook = new(
            connection,
            $"""
            select webhook_id, due_at from {tables.Queue}
            where webhook_id > ?1 and due_at is not null order by webhook_id, due_at limit 1
            """);
        _due = new(
            connection,
            $"""
            select q.id, q.event_id, e.uid, e.trigger_name, e.payload, q.created_at, q.lease_seq, q.claims, q.claimed_at, q.attempts
            from {tables.Queue} q join {tables.Events} e on e.id = q.event_id
            where q.webhook_id = ?1 and q.due_at <= ?2 order by q.due_at limit ?3
            """);
        _lease = new(
            connection,
            $"update {tables.Queue} set due_at = ?2, claimed_at = ?3, lease_seq = lease_seq + 1, claims = claims + 1 where id = ?1");
        _interrupt = new(
            connection,
            $"""
            update {tables.Queue}
            set attempts = ?2, outcome = {(int)WebhookAttemptOutcome.Interrupted}, status_code = null, attempted_at = ?3 where id = ?1
            """);
        _insertInterrupted = new(
            connection,
            $"""
            insert into {tables.Attempts} (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
            values (?1, ?2, {(int)WebhookAttemptOutcome.Interrupted}, ?3, ?4, ?5, 0)
            """);
    }

    public ClaimResult Claim(ClaimRequest request)
    {
        var claimed = new List<LeasedDelivery>();
        var breakers = Breakers();
        var limits = new ClaimLimits(request, breakers);
        long? nextDueAt = null;
        var position = request.AfterWebhookId;
        var hasWrapped = false;

        while (claimed.Count < request.Max)
        {
            if (NextWebhook(position) is not { } next || (hasWrapped && next.WebhookId > request.AfterWebhookId))
            {
                if (hasWrapped || request.AfterWebhookId == 0)
                {
                    break;
                }

                // At the end of the round: go on from the first webhook to where this claim began.
                hasWrapped = true;
                position = 0;
                continue;
            }

            position = next.WebhookId;
            if (next.DueAt <= request.Now && limits.Of(next.WebhookId) is > 0 and var most)
            {
                var limit = Math.Min(most, request.Max - claimed.Count);
                claimed.AddRange(ClaimOf(next.WebhookId, limit, request));

                // What is the earliest one of this webhook now? Those just claimed are due when their leases end.
                next = NextWebhook(position - 1)!.Value;
            }

            var readyAt = limits.ReadyAt(next.WebhookId, next.DueAt);
            if (readyAt > request.Now)
            {
                nextDueAt = Math.Min(nextDueAt ?? long.MaxValue, readyAt);
            }
        }

        using var state = _state.Query();
        state.Read();
        return new ClaimResult(claimed, position, nextDueAt, breakers, state.Number(0), state.IsNull(1) ? null : state.Number(1));
    }

    public void Dispose()
    {
        _state.Dispose();
        _breakers.Dispose();
        _nextWebhook.Dispose();
        _due.Dispose();
        _lease.Dispose();
        _interrupt.Dispose();
        _insertInterrupted.Dispose();
    }

    private List<WebhookBreaker> Breakers()
    {
        var breakers = new List<WebhookBreaker>();
        using var rows = _breakers.Query();
        while (rows.Read())
        {
            breakers.Add(new WebhookBreaker
            {
                WebhookId = rows.Number(0),
                Status = (BreakerStatus)rows.Number(1),
                Sequence = rows.Number(2),
                Openings = (int)rows.Number(3),
                PausedUntil = rows.IsNull(4) ? null : rows.Number(4),
                PauseReason = rows.IsNull(5) ? null : (PauseReason)rows.Number(5),
                SlowStart = rows.IsNull(6) ? null : (int)rows.Number(6),
            });
        }

        return breakers;
    }

    private (long WebhookId, long DueAt)? NextWebhook(long after)
    {
        using var rows = _nextWebhook.Query(after);
        return rows.Read() ? (rows.Number(0), rows.Number(1)) : null;
    }

    private List<LeasedDelivery> ClaimOf(long webhookId, int limit, ClaimRequest request)
    {
        var due = new List<(LeasedDelivery Delivery, long? ClaimedAt)>();
        using (var rows = _due.Query(webhookId, request.Now, limit))
        {
            while (rows.Read())
            {
                due.Add((Read(rows, webhookId, request.ClaimedTimestamp), rows.IsNull(8) ? null : rows.Number(8)));
            }
        }

        foreach (var (delivery, claimedAt) in due)
        {
            Lease(delivery, claimedAt, request);
        }

        return due.ConvertAll(found => found.Delivery);
    }

    private static LeasedDelivery Read(SqliteStatement.Rows rows, long webhookId, long claimedTimestamp) => new()
    {
        Id = rows.Number(0),
        EventId = rows.Number(1),
        EventUid = Guid.Parse(rows.Text(2)),
        Trigger = rows.Text(3),
        Payload = rows.IsNull(4) ? ReadOnlyMemory<byte>.Empty : rows.Bytes(4),
        WebhookId = webhookId,
        CreatedAt = rows.Number(5),
        LeaseSequence = rows.Number(6) + 1,
        Claims = (int)rows.Number(7) + 1,

        // A claim that follows an ended lease counts the attempt that was never reported.
        Attempts = (int)rows.Number(9) + (rows.IsNull(8) ? 0 : 1),
        ClaimedTimestamp = claimedTimestamp,
    };

    private void Lease(LeasedDelivery delivery, long? claimedAt, ClaimRequest request)
    {
        _lease.Execute(delivery.Id, request.LeaseEnd, request.Now);
        if (claimedAt is { } startedAt)
        {
            _interrupt.Execute(delivery.Id, delivery.Attempts, request.Now);
            _insertInterrupted.Execute(
                delivery.Id, delivery.Attempts, startedAt, Math.Clamp(request.Now - startedAt, 0, int.MaxValue), LeasedDelivery.InterruptedError);
        }
    }
}
