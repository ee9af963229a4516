using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>
/// The parts of a batch, put together as it needs them: one command, one round trip. Locks are taken in the same order by every node:
/// events, queue, finished deliveries and attempts, webhooks.
/// </summary>
/// <remarks>
/// <c>forceseek</c> where a table of the batch meets a table of the store: a plan that was made while the queue was empty would scan it
/// ever after.
/// </remarks>
internal sealed class SqlServerStatements(WebhookTables tables)
{
    private const string Ordinal = "Latin1_General_100_BIN2";
    private static readonly string[] Texts = ["error", "signature", "response_headers"];

    /// <summary>
    /// The isolation is set because a pooled connection may come with what the app last used. What the writer waits for, everybody on this node waits
    /// for, so it waits for a lock no longer than a second. Both end with the command.
    /// </summary>
    public const string Begin =
        """
        set nocount on;
        set xact_abort on;
        set transaction isolation level read committed;
        set lock_timeout 1000;
        begin transaction;

        """;

    /// <summary>If the process dies before this, nothing is stored; the server rolls back when the connection is gone.</summary>
    public const string Commit =
        """
        commit transaction;

        """;

    /// <summary>
    /// Inserts events, the first of each key alone. An event whose id is there already was stored by an earlier try whose commit was not
    /// heard of: what that try leased was never handed over (it was claimed as it was created), and is due.
    /// </summary>
    public string InsertEvents { get; } =
        $"""
        declare @Version bigint = (select value from {tables.State} where name = N'catalogue');
        declare @Stored table (uid uniqueidentifier not null primary key, id bigint not null, known int not null);
        declare @Named table (place int not null primary key, trigger_name nvarchar(128) collate {Ordinal} not null,
            tenant nvarchar(100) collate {Ordinal} not null, target nvarchar(255) collate {Ordinal},
            idempotency_key nvarchar(255) collate {Ordinal}, key_length int not null);

        insert into @Named (place, trigger_name, tenant, target, idempotency_key, key_length)
        select t.place, t.trigger_name, {Decoded("tenant")}, {Decoded("target")}, {Decoded("idempotency_key")}, 0
        from openjson(@EventTexts) with (place int '$.place', trigger_name nvarchar(max) '$.trigger_name', tenant nvarchar(max) '$.tenant',
            target nvarchar(max) '$.target', idempotency_key nvarchar(max) '$.idempotency_key') t;
        update @Named set key_length = datalength(tenant) * 1000 + datalength(idempotency_key) where idempotency_key is not null;

        insert into @Stored (uid, id, known)
        select e.uid, e.id, 1 from @Events n join {tables.Events} e with (forceseek) on e.uid = n.uid;

        if exists (select 1 from @Stored)
        begin
            update q set due_at = @Now, claims = 0, claimed_at = null
            from {tables.Queue} q with (forceseek, rowlock) join @Stored s on s.id = q.event_id
            where q.lease_seq = 1 and q.claimed_at = q.created_at;
        end;

        insert into {tables.Events} (uid, trigger_name, tenant, target, idempotency_key, key_length, created_at, payload_size, payload)
        output inserted.uid, inserted.id, 0 into @Stored (uid, id, known)
        select n.uid, n.trigger_name, n.tenant, n.target, n.idempotency_key, n.key_length, @Now, datalength(n.payload), n.payload
        from (select f.place, f.uid, t.trigger_name, t.tenant, t.target, t.idempotency_key, t.key_length, f.payload,
                     row_number() over (partition by t.tenant, t.idempotency_key, t.key_length,
                                        case when t.idempotency_key is null then f.place end order by f.place) as turn
              from @Events f join @Named t on t.place = f.place where f.catalogue_version = @Version) n
        where n.turn = 1
          and not exists (select 1 from @Stored s where s.uid = n.uid)
          and not exists (select 1 from {tables.Events} e
                          where e.tenant = n.tenant and e.idempotency_key = n.idempotency_key and e.key_length = n.key_length
                            and e.idempotency_key is not null)
        order by n.place;

        select n.place, s.id, s.known, e.uid,
               case when e.trigger_name = t.trigger_name and (e.payload is null
                   or (e.payload_size = datalength(n.payload) and e.payload = n.payload)) then 1 else 0 end,
               case when n.catalogue_version = @Version then 1 else 0 end
        from @Events n
        join @Named t on t.place = n.place
        left join @Stored s on s.uid = n.uid
        left join {tables.Events} e on s.uid is null and n.catalogue_version = @Version and e.tenant = t.tenant
            and e.idempotency_key = t.idempotency_key and e.key_length = t.key_length and e.idempotency_key is not null;

        """;

    /// <summary>Numbers are given in the order of the select; rows are told by event and webhook, which are unique.</summary>
    public string InsertDeliveries { get; } =
        $"""
        declare @Queued table (id bigint not null primary key, event_id bigint not null, webhook_id bigint not null);

        insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
        output inserted.id, inserted.event_id, inserted.webhook_id into @Queued (id, event_id, webhook_id)
        select s.id, d.webhook_id, case when d.leased = 1 then @LeaseEnd else @Now end, d.leased, d.leased,
               case when d.leased = 1 then @Now end, 0, @Now
        from @Deliveries d join @Stored s on s.uid = d.event_uid
        where s.known = 0
        order by d.place;

        select i.id, i.event_id, i.webhook_id from @Queued i;

        """;

    /// <summary>
    /// Records what holds its lease. Of what does not, another node has the delivery, and only the attempt it took for interrupted is told.
    /// Doing it twice changes nothing: what is recorded is finished, or claimed no more.
    /// </summary>
    public string Record { get; } =
        $"""
        declare @Told table (place int not null primary key, error nvarchar(max), signature nvarchar(max), response_headers nvarchar(max));
        insert into @Told (place, error, signature, response_headers)
        select t.place, {Decoded("error")}, {Decoded("signature")}, {Decoded("response_headers")}
        from openjson(@RecordTexts) with (place int '$.place', error nvarchar(max) '$.error',
            signature nvarchar(max) '$.signature', response_headers nvarchar(max) '$.response_headers') t;

        declare @Held table (id bigint not null, lease_seq bigint not null, primary key (id, lease_seq));
        declare @Finished table (id bigint not null primary key, lease_seq bigint not null, event_id bigint not null,
            webhook_id bigint not null, attempts int not null, created_at bigint not null);

        delete q
        output deleted.id, deleted.lease_seq, deleted.event_id, deleted.webhook_id, deleted.attempts, deleted.created_at
            into @Finished (id, lease_seq, event_id, webhook_id, attempts, created_at)
        from {tables.Queue} q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
        where r.finishes = 1 and q.claimed_at is not null;

        update q set claimed_at = null
        output inserted.id, inserted.lease_seq into @Held (id, lease_seq)
        from {tables.Queue} q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
        where r.finishes = 0 and q.claimed_at is not null;

        update q
        set due_at = r.moment,
            claims = case when r.number is null then q.claims - 1 else 0 end,
            attempts = case when r.number is null then q.attempts else r.number end,
            outcome = case when r.number is null then q.outcome else r.outcome end,
            status_code = case when r.number is null then q.status_code else r.status_code end,
            attempted_at = case when r.number is null then q.attempted_at else r.started_at + r.duration_ms end
        from {tables.Queue} q with (forceseek, rowlock) join @Held h on h.id = q.id
        join @Records r on r.id = h.id and r.lease_seq = h.lease_seq;

        insert into {tables.Attempts} (delivery_id, number, {QueueStatements.AttemptColumns})
        select r.id, r.number, {Columns("r", "t")}
        from @Records r join @Held h on h.id = r.id and h.lease_seq = r.lease_seq join @Told t on t.place = r.place
        where r.number is not null;

        insert into {tables.Deliveries}
            (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, {QueueStatements.AttemptColumns})
        select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, r.number, f.created_at, r.moment, {Columns("r", "t")}
        from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq join @Told t on t.place = r.place
        where r.number is not null;

        if exists (select 1 from @Records r where r.finishes = 1 and r.number is null)
        begin
            insert into {tables.Deliveries}
                (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, {QueueStatements.AttemptColumns})
            select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, f.attempts, f.created_at, r.moment,
                   a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
                   coalesce(a.response_truncated, 0)
            from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
            left join {tables.Attempts} a with (forceseek) on a.delivery_id = f.id and a.number = f.attempts
            where r.number is null;

            delete a
            from {tables.Attempts} a with (forceseek, rowlock) join @Finished f on f.id = a.delivery_id and f.attempts = a.number
            join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
            where r.number is null;
        end;

        insert into @Held (id, lease_seq) select f.id, f.lease_seq from @Finished f;

        update a
        set outcome = r.outcome, status_code = r.status_code, started_at = r.started_at, duration_ms = r.duration_ms,
            url_number = r.url_number, error = t.error, signature = t.signature, response_headers = t.response_headers, response_body = r.response_body,
            response_truncated = r.response_truncated
        from {tables.Attempts} a with (forceseek, rowlock) join @Records r on r.id = a.delivery_id and r.number = a.number
        join @Told t on t.place = r.place
        where a.outcome = {(int)WebhookAttemptOutcome.Interrupted}
          and not exists (select 1 from @Held h where h.id = r.id and h.lease_seq = r.lease_seq);

        select h.id, h.lease_seq from @Held h;

        """;

    /// <summary>Counts. What comes back are the counters of those that do not do well.</summary>
    public string UpdateHealth { get; } =
        $"""
        declare @Counted table (id bigint not null primary key, failures int, failing_since bigint, warnings int, successes int, window_at bigint,
            window_attempts int, window_failures int, breaker int, breaker_seq bigint, openings int, paused_until bigint, pause_reason int,
            slow_start int);

        update w
        set last_success_at = coalesce(h.last_success_at, w.last_success_at), last_failure_at = coalesce(h.last_failure_at, w.last_failure_at),
            last_failure = coalesce({Decoded("last_failure")}, w.last_failure), last_status_code = h.last_status_code,
            failures = case when h.successes > 0 then h.failures_in_row
                            when w.failures < 1000000 then w.failures + h.failures_in_row else w.failures end,
            failing_since = case when h.successes > 0 then h.failing_since else coalesce(w.failing_since, h.failing_since) end,
            warnings = case when h.successes > 0 then 0 else w.warnings end,
            successes = case when w.breaker = 0 then 0 else w.successes + h.successes end,
            window_at = case when w.window_at > @Now - {WebhookCounters.WindowMs} then w.window_at else @Now end,
            window_attempts = case when w.window_at > @Now - {WebhookCounters.WindowMs} then w.window_attempts else 0 end + h.attempts,
            window_failures = case when w.window_at > @Now - {WebhookCounters.WindowMs} then w.window_failures else 0 end + h.failures
        output {string.Join(", ", WebhookCounters.Columns.Split(", ").Select(column => "inserted." + column))} into @Counted ({WebhookCounters.Columns})
        from {tables.Webhooks} w with (forceseek, rowlock) join @Health h on h.webhook_id = w.id
        left join openjson(@HealthTexts) with (webhook_id bigint '$.webhook_id', last_failure nvarchar(max) '$.last_failure') t
            on t.webhook_id = h.webhook_id;

        select {WebhookCounters.Columns} from @Counted where {WebhookCounters.Unwell};

        """;

    private static string Decoded(string column) => TextParameter.Decoded("t." + column);

    // The columns of an attempt: texts from one table, the others from the other.
    private static string Columns(string table, string texts) =>
        string.Join(", ", QueueStatements.AttemptColumns.Split(", ").Select(column => $"{(Texts.Contains(column) ? texts : table)}.{column}"));
}
