using Microsoft.Data.Sqlite;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>Writes a batch: new events with their deliveries, and what is to be recorded of leased ones.</summary>
internal sealed class SqliteBatch : IDisposable
{
    private readonly SqliteEvents _events;
    private readonly SqliteStatement _removeFromQueue;
    private readonly SqliteStatement _insertFinished;
    private readonly SqliteStatement _finish;
    private readonly SqliteStatement _dropLastAttempt;
    private readonly SqliteStatement _reschedule;
    private readonly SqliteStatement _release;
    private readonly SqliteStatement _insertAttempt;
    private readonly SqliteStatement _completeInterrupted;
    private readonly SqliteStatement _updateHealth;

    public SqliteBatch(SqliteConnection connection, WebhookTables tables)
    {
        _events = new(connection, tables);
        _removeFromQueue = new(connection, $"delete from {tables.Queue} where id = ?1 and lease_seq = ?2 and claimed_at is not null");
        _insertFinished = new(
            connection,
            $"""
            insert into {tables.Deliveries}
                (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, {QueueStatements.AttemptColumns})
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
            """);
        _finish = new(
            connection,
            QueueStatements.Finish(tables, "q.id = ?1 and q.lease_seq = ?2 and q.claimed_at is not null").Replace("@Status", "?3", StringComparison.Ordinal).Replace("@Now", "?4", StringComparison.Ordinal));
        _dropLastAttempt = new(connection, QueueStatements.DropLastAttempt(tables, "q.id = ?1 and q.lease_seq = ?2 and q.claimed_at is not null"));
        _reschedule = new(
            connection,
            $"""
            update {tables.Queue}
            set due_at = ?3, claims = 0, claimed_at = null, attempts = ?4, outcome = ?5, status_code = ?6, attempted_at = ?7
            where id = ?1 and lease_seq = ?2 and claimed_at is not null
            """);
        _release = new(
            connection,
            $"""
            update {tables.Queue} set due_at = ?3, claims = claims - 1, claimed_at = null
            where id = ?1 and lease_seq = ?2 and claimed_at is not null
            """);
        _insertAttempt = new(
            connection,
            $"""
            insert into {tables.Attempts} (delivery_id, number, {QueueStatements.AttemptColumns})
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """);
        _completeInterrupted = new(
            connection,
            $"""
            update {tables.Attempts}
            set outcome = ?3, status_code = ?4, started_at = ?5, duration_ms = ?6, url_number = ?7, error = ?8, signature = ?9,
                response_headers = ?10, response_body = ?11, response_truncated = ?12
            where delivery_id = ?1 and number = ?2 and outcome = {(int)WebhookAttemptOutcome.Interrupted}
            """);
        _updateHealth = new(
            connection,
            $"""
            update {tables.Webhooks}
            set last_success_at = coalesce(?2, last_success_at), last_failure_at = coalesce(?3, last_failure_at),
                last_failure = coalesce(?4, last_failure), last_status_code = ?5,
                failures = case when ?6 > 0 then ?7 when failures < 1000000 then failures + ?7 else failures end,
                failing_since = case when ?6 > 0 then ?8 else coalesce(failing_since, ?8) end,
                warnings = case when ?6 > 0 then 0 else warnings end,
                successes = case when breaker = 0 then 0 else successes + ?6 end,
                window_at = case when window_at > ?11 then window_at else ?12 end,
                window_attempts = case when window_at > ?11 then window_attempts else 0 end + ?9,
                window_failures = case when window_at > ?11 then window_failures else 0 end + ?10
            where id = ?1
            returning {WebhookCounters.Columns}
            """);
    }

    public void Write(StoreBatch batch)
    {
        _events.Insert(batch.Events, batch.Now, batch.LeaseEnd);
        foreach (var record in batch.Records)
        {
            record.LeaseHeld = Record(record);
        }

        batch.Unwell = [.. batch.Health.Select(health => UpdateHealth(health, batch.Now)).OfType<WebhookCounters>()];
    }

    public void Dispose()
    {
        _events.Dispose();
        _removeFromQueue.Dispose();
        _insertFinished.Dispose();
        _finish.Dispose();
        _dropLastAttempt.Dispose();
        _reschedule.Dispose();
        _release.Dispose();
        _insertAttempt.Dispose();
        _completeInterrupted.Dispose();
        _updateHealth.Dispose();
    }

    /// <summary>Counts, and returns the counters where the webhook does not do well.</summary>
    private WebhookCounters? UpdateHealth(HealthChange health, long now)
    {
        using var rows = _updateHealth.Query(
            health.WebhookId, health.LastSuccessAt, health.LastFailureAt, health.LastFailure, health.LastStatusCode,
            health.Successes, health.FailuresInARow, health.FailingSince, health.Attempts, health.Failures, now - WebhookCounters.WindowMs, now);
        if (!rows.Read())
        {
            return null;
        }

        // The columns of WebhookCounters, in their order.
        var counters = new WebhookCounters
        {
            Failures = (int)rows.Number(1),
            FailingSince = Nullable(rows, 2),
            Warnings = (int)rows.Number(3),
            Successes = (int)rows.Number(4),
            WindowAt = Nullable(rows, 5),
            WindowAttempts = (int)rows.Number(6),
            WindowFailures = (int)rows.Number(7),
            Breaker = new WebhookBreaker
            {
                WebhookId = health.WebhookId,
                Status = (BreakerStatus)rows.Number(8),
                Sequence = rows.Number(9),
                Openings = (int)rows.Number(10),
                PausedUntil = Nullable(rows, 11),
                PauseReason = (PauseReason?)Nullable(rows, 12),
                SlowStart = (int?)Nullable(rows, 13),
            },
        };
        return counters.IsUnwell ? counters : null;
    }

    private static long? Nullable(SqliteStatement.Rows rows, int column) => rows.IsNull(column) ? null : rows.Number(column);

    /// <summary>Records an outcome, if the lease holds. If not, another node has the delivery, and only the attempt it took for interrupted is told.</summary>
    private bool Record(DeliveryRecord record)
    {
        var held = record.Step switch
        {
            DeliveryStep.Finish when record.Attempt is null => FinishWithoutAttempt(record),
            DeliveryStep.Finish => Finish(record, record.Attempt),
            DeliveryStep.Release => _release.Execute(record.Delivery.Id, record.Delivery.LeaseSequence, record.At) == 1,
            _ => Reschedule(record),
        };

        if (!held && record.Attempt is { } attempt)
        {
            _completeInterrupted.Execute(AttemptValues(record.Delivery.Id, attempt));
        }

        return held;
    }

    private bool Finish(DeliveryRecord record, AttemptData attempt)
    {
        var delivery = record.Delivery;
        if (_removeFromQueue.Execute(delivery.Id, delivery.LeaseSequence) == 0)
        {
            return false;
        }

        _insertFinished.Execute(
            delivery.Id, delivery.EventId, delivery.WebhookId, (int)record.Status, delivery.LeaseSequence, attempt.Number,
            delivery.CreatedAt, record.At, (int)attempt.Outcome, attempt.StatusCode, attempt.StartedAt, attempt.DurationMs, attempt.UrlNumber,
            attempt.Error, StoredSignature.Write(attempt.Signature), attempt.ResponseHeaders, attempt.ResponseBody, attempt.ResponseTruncated ? 1 : 0);
        return true;
    }

    private bool FinishWithoutAttempt(DeliveryRecord record)
    {
        var (id, sequence) = (record.Delivery.Id, record.Delivery.LeaseSequence);
        if (_finish.Execute(id, sequence, (int)record.Status, record.At) == 0)
        {
            return false;
        }

        _dropLastAttempt.Execute(id, sequence);
        return _removeFromQueue.Execute(id, sequence) == 1;
    }

    private bool Reschedule(DeliveryRecord record)
    {
        var delivery = record.Delivery;
        long? dueAt = record.Step == DeliveryStep.Park ? null : record.At;
        if (record.Attempt is not { } attempt)
        {
            return _release.Execute(delivery.Id, delivery.LeaseSequence, dueAt) == 1;
        }

        if (_reschedule.Execute(
            delivery.Id, delivery.LeaseSequence, dueAt, attempt.Number, (int)attempt.Outcome, attempt.StatusCode,
            attempt.FinishedAt) == 0)
        {
            return false;
        }

        _insertAttempt.Execute(AttemptValues(delivery.Id, attempt));
        return true;
    }

    private static object?[] AttemptValues(long deliveryId, AttemptData attempt) =>
    [
        deliveryId, attempt.Number, (int)attempt.Outcome, attempt.StatusCode, attempt.StartedAt, attempt.DurationMs, attempt.UrlNumber,
        attempt.Error, StoredSignature.Write(attempt.Signature), attempt.ResponseHeaders, attempt.ResponseBody, attempt.ResponseTruncated ? 1 : 0,
    ];
}
