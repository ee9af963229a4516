namespace Webhooks.Embedded.Storage;

/// <summary>Statements that several writers of the queue share, so that a delivery leaves it in one way only.</summary>
internal static class QueueStatements
{
    /// <summary>The columns of an attempt, the same in the attempts' table and, for the last attempt, with the finished delivery.</summary>
    public const string AttemptColumns =
        "outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated";

    /// <summary>The highest id there is, of all tenants; 0 where there is none.</summary>
    public static string LastId(WebhookTables tables) =>
        $"select coalesce(max(ids.id), 0) from (select max(id) as id from {tables.Queue} union all select max(id) as id from {tables.Deliveries}) ids";

    /// <summary>
    /// How long an attempt took that nobody reported: until it was found. A process may have been away for longer than the column can say, 24 days.
    /// </summary>
    public static string InterruptedMs(string now, string claimedAt) =>
        $"case when {now} <= {claimedAt} then 0 when {now} - {claimedAt} > {int.MaxValue} then {int.MaxValue} else {now} - {claimedAt} end";

    /// <summary>
    /// Shows as interrupted the attempts that were never reported, of deliveries whose lease has ended: receivers may have got them. It takes
    /// <c>@Now</c> and <c>@Interrupted</c>, which says why; <see cref="CountInterrupted"/> follows.
    /// </summary>
    public static string Interrupt(WebhookTables tables, string condition) =>
        $"""
        insert into {tables.Attempts} (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
        select q.id, q.attempts + 1, {(int)WebhookAttemptOutcome.Interrupted}, q.claimed_at,
               {InterruptedMs("@Now", "q.claimed_at")}, @Interrupted, 0
        from {tables.Queue} q where {condition} and q.claimed_at is not null
        """;

    /// <summary>Counts what <see cref="Interrupt"/> has shown.</summary>
    public static string CountInterrupted(WebhookTables tables, string condition) =>
        $"""
        update {tables.Queue} set attempts = attempts + 1
        where id in (select q.id from {tables.Queue} q where {condition} and q.claimed_at is not null)
        """;

    /// <summary>Copies deliveries of the queue <c>q</c> to the finished ones as <c>@Status</c>, each with the last of its recorded attempts.</summary>
    public static string Finish(WebhookTables tables, string condition) =>
        $"""
        insert into {tables.Deliveries}
            (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, {AttemptColumns})
        select q.id, q.event_id, q.webhook_id, @Status, q.lease_seq, q.attempts, q.created_at, @Now,
               a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
               coalesce(a.response_truncated, 0)
        from {tables.Queue} q left join {tables.Attempts} a on a.delivery_id = q.id and a.number = q.attempts
        where {condition}
        """;

    /// <summary>Deletes the attempts that <see cref="Finish"/> has copied.</summary>
    public static string DropLastAttempt(WebhookTables tables, string condition) =>
        $"""
        delete from {tables.Attempts}
        where delivery_id in (select q.id from {tables.Queue} q where {condition})
          and number = (select q.attempts from {tables.Queue} q where q.id = delivery_id)
        """;
}
