namespace Webhooks.Embedded.Storage;

/// <summary>Statements that several writers of the queue share, so that a delivery leaves it in one way only.</summary>
internal static class QueueStatements
{
    /// <summary>The columns of an attempt, the same in the attempts' table and, for the last attempt, with the finished delivery.</summary>
    public const string AttemptColumns =
        "outcome, status_code, started_at, duration_ms, error, url, signature, response_headers, response_body, response_truncated";

    /// <summary>Copies deliveries of the queue <c>q</c> to the finished ones as <c>@Status</c>, each with the last of its recorded attempts.</summary>
    public static string Finish(WebhookTables tables, string condition) =>
        $"""
        insert into {tables.Deliveries}
            (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, {AttemptColumns})
        select q.id, q.event_id, q.webhook_id, @Status, q.lease_seq, q.attempts, q.created_at, @Now,
               a.outcome, a.status_code, a.started_at, a.duration_ms, a.error, a.url, a.signature, a.response_headers, a.response_body,
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
