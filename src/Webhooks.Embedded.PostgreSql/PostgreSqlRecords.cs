using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>
/// The statements that record outcomes, each for all deliveries of a kind at once. They find the rows of the queue by their ids alone, which is
/// one look into the index for each, and compare the fence by its place in the array: <c>width_bucket</c> finds an id among sorted ones.
/// </summary>
internal sealed class PostgreSqlRecords(WebhookTables tables)
{
    private const string Fence = "q.id = any($1) and q.lease_seq = ($2)[width_bucket(q.id, $1)]";

    // What was recorded already, by a commit whose answer was lost, is not recorded twice: then the claim is over.
    private const string ClaimHeld = $"{Fence} and q.claimed_at is not null";

    // The values stand at the place of the row's id among the ids.
    private readonly string _finish =
        $"""
        with gone as (
            delete from {tables.Queue} q where {ClaimHeld}
            returning q.id, q.event_id, q.webhook_id, q.lease_seq, q.created_at, width_bucket(q.id, $1) as place
        )
        insert into {tables.Deliveries}
            (id, event_id, webhook_id, lease_seq, created_at, status, finished_at, attempts, {QueueStatements.AttemptColumns})
        select id, event_id, webhook_id, lease_seq, created_at, ($3)[place], ($4)[place], ($5)[place], ($6)[place], ($7)[place], ($8)[place], ($9)[place],
               ($10)[place], ($11)[place], ($12)[place], ($13)[place], ($14)[place], ($15)[place]
        from gone
        returning id
        """;

    private readonly string _finishWithoutAttempt =
        $"""
        with gone as (
            delete from {tables.Queue} q where {ClaimHeld} returning q.id, q.event_id, q.webhook_id, q.lease_seq, q.attempts, q.created_at
        ), last as (
            delete from {tables.Attempts} a
            where a.delivery_id = any(array(select id from gone)) and a.number = (select g.attempts from gone g where g.id = a.delivery_id)
            returning a.delivery_id, {QueueStatements.AttemptColumns}
        )
        insert into {tables.Deliveries}
            (id, event_id, webhook_id, lease_seq, attempts, created_at, status, finished_at, {QueueStatements.AttemptColumns})
        select g.id, g.event_id, g.webhook_id, g.lease_seq, g.attempts, g.created_at, ($3)[width_bucket(g.id, $1)], ($4)[width_bucket(g.id, $1)],
               l.outcome, l.status_code, l.started_at, l.duration_ms, l.url_number, l.error, l.signature, l.response_headers, l.response_body,
               coalesce(l.response_truncated, 0)
        from gone g left join last l on l.delivery_id = g.id
        returning id
        """;

    private readonly string _reschedule =
        $"""
        with held as (
            update {tables.Queue} q
            set due_at = ($3)[width_bucket(q.id, $1)], claims = 0, claimed_at = null, attempted_at = ($4)[width_bucket(q.id, $1)],
                attempts = ($5)[width_bucket(q.id, $1)], outcome = ($6)[width_bucket(q.id, $1)], status_code = ($7)[width_bucket(q.id, $1)]
            where {ClaimHeld}
            returning q.id
        )
        insert into {tables.Attempts} (delivery_id, number, {QueueStatements.AttemptColumns})
        select a.id, a.number, {QueueStatements.AttemptColumns}
        from unnest($1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as a (id, number, {QueueStatements.AttemptColumns})
        join held on held.id = a.id
        returning delivery_id
        """;

    private readonly string _release =
        $"""
        update {tables.Queue} q set due_at = ($3)[width_bucket(q.id, $1)], claims = q.claims - 1, claimed_at = null
        where {ClaimHeld}
        returning q.id
        """;

    private readonly string _completeInterrupted =
        $"""
        update {tables.Attempts}
        set outcome = $3, status_code = $4, started_at = $5, duration_ms = $6, url_number = $7, error = $8, signature = $9,
            response_headers = $10, response_body = $11, response_truncated = $12
        where delivery_id = $1 and number = $2 and outcome = {(int)WebhookAttemptOutcome.Interrupted}
        """;

    /// <summary>Adds a command for each kind of record that there is. Each returns the ids of those whose lease held.</summary>
    /// <returns>The records of each command, in the order of the commands.</returns>
    public List<DeliveryRecord[]> Add(NpgsqlBatch batch, IReadOnlyList<DeliveryRecord> records)
    {
        var groups = new List<DeliveryRecord[]>();
        foreach (var kind in Current(records).GroupBy(KindOf).OrderBy(kind => kind.Key))
        {
            DeliveryRecord[] group = [.. kind];
            groups.Add(group);
            switch (kind.Key)
            {
                case Kind.Finish:
                    AddFinish(batch, group);
                    break;
                case Kind.Reschedule:
                    AddReschedule(batch, group);
                    break;
                case Kind.FinishWithoutAttempt:
                    batch.Add(
                        _finishWithoutAttempt, Ids(group), Sequences(group), Array.ConvertAll(group, r => (short)r.Status), Array.ConvertAll(group, r => r.At));
                    break;
                default:
                    batch.Add(_release, Ids(group), Sequences(group), Array.ConvertAll(group, DueAt));
                    break;
            }
        }

        return groups;
    }

    /// <summary>Adds a command that tells what came of an attempt that was taken for interrupted.</summary>
    public void AddCompletion(NpgsqlBatch batch, DeliveryRecord record)
    {
        var attempt = record.Attempt!;
        batch.Add(
            _completeInterrupted,
            record.Delivery.Id,
            attempt.Number,
            (short)attempt.Outcome,
            Nullable((short?)attempt.StatusCode),
            attempt.StartedAt,
            attempt.DurationMs,
            attempt.UrlNumber,
            Nullable(attempt.Error),
            Nullable(StoredSignature.Write(attempt.Signature)),
            Nullable(attempt.ResponseHeaders),
            Nullable(attempt.ResponseBody),
            (short)(attempt.ResponseTruncated ? 1 : 0));
    }

    // Sorted by id, for the fence, and so that nodes lock rows in the same order. Of two records of one delivery, one lost its lease: the earlier.
    private static IEnumerable<DeliveryRecord> Current(IReadOnlyList<DeliveryRecord> records) =>
        records.GroupBy(record => record.Delivery.Id)
            .Select(delivery => delivery.MaxBy(record => record.Delivery.LeaseSequence)!)
            .OrderBy(record => record.Delivery.Id);

    private static Kind KindOf(DeliveryRecord record) => (record.Step, record.Attempt) switch
    {
        (DeliveryStep.Finish, null) => Kind.FinishWithoutAttempt,
        (DeliveryStep.Finish, _) => Kind.Finish,
        (DeliveryStep.Release, _) or (_, null) => Kind.Release,
        _ => Kind.Reschedule,
    };

    private void AddFinish(NpgsqlBatch batch, DeliveryRecord[] group) => batch.Add(
        _finish,
        [
            Ids(group),
            Sequences(group),
            Array.ConvertAll(group, r => (short)r.Status),
            Array.ConvertAll(group, r => r.At),
            .. Columns(Array.ConvertAll(group, r => r.Attempt!)),
        ]);

    private void AddReschedule(NpgsqlBatch batch, DeliveryRecord[] group) => batch.Add(
        _reschedule,
        [
            Ids(group),
            Sequences(group),
            Array.ConvertAll(group, DueAt),
            Array.ConvertAll(group, r => r.Attempt!.FinishedAt),
            .. Columns(Array.ConvertAll(group, r => r.Attempt!)),
        ]);

    /// <summary>Their numbers and the <see cref="QueueStatements.AttemptColumns"/>.</summary>
    private static object[] Columns(AttemptData[] attempts) =>
    [
        Array.ConvertAll(attempts, a => a.Number),
        Array.ConvertAll(attempts, a => (short)a.Outcome),
        Array.ConvertAll(attempts, a => (short?)a.StatusCode),
        Array.ConvertAll(attempts, a => a.StartedAt),
        Array.ConvertAll(attempts, a => a.DurationMs),
        Array.ConvertAll(attempts, a => a.UrlNumber),

        // A row without any null is 8 bytes shorter, and nearly all are without an error.
        Array.ConvertAll(attempts, a => a.Error ?? ""),
        Array.ConvertAll(attempts, a => StoredSignature.Write(a.Signature)),
        Array.ConvertAll(attempts, a => a.ResponseHeaders),
        Array.ConvertAll(attempts, a => a.ResponseBody),
        Array.ConvertAll(attempts, a => (short)(a.ResponseTruncated ? 1 : 0)),
    ];

    private static long[] Ids(DeliveryRecord[] group) => Array.ConvertAll(group, r => r.Delivery.Id);

    private static long[] Sequences(DeliveryRecord[] group) => Array.ConvertAll(group, r => r.Delivery.LeaseSequence);

    private static long? DueAt(DeliveryRecord record) => record.Step == DeliveryStep.Park ? null : record.At;

    private static object Nullable(object? value) => value ?? DBNull.Value;

    private enum Kind
    {
        Finish,
        Reschedule,
        FinishWithoutAttempt,
        Release,
    }
}
