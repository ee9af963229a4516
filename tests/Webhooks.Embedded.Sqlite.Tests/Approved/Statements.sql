-- The store is opened

select count(*) from sqlite_master where type = 'table' and name = 'webhook_migrations' collate nocase;

create table if not exists webhook_migrations
    (version int not null primary key, name varchar(100) not null, compatible_from int not null, applied_at bigint not null);

select version as Version, compatible_from as CompatibleFrom from webhook_migrations
where version = (select max(version) from webhook_migrations);

-- V001: the first schema, for SQLite 3.35 or newer.
-- compatible from: 1
-- Runs once, in one immediate transaction; a process that dies in it leaves nothing behind.
-- Times are Unix milliseconds. Statuses and outcomes are the numbers of WebhookDeliveryStatus and WebhookAttemptOutcome.

-- Numbers of the store. 'catalogue' is raised by every change of a webhook, so that what nodes remember is known to be old; it begins anywhere,
-- so that it fits no other store. 'store' tells this store from every other. 'stats' is locked by who adds figures.
create table webhook_state (
    name  text    not null primary key,
    value integer not null
) without rowid;

insert into webhook_state (name, value) values
    ('catalogue', abs(random() % 1000000000000)),
    ('store', abs(random() % 9007199254740991)),
    ('stats', 0);

create table webhooks (
    id                integer not null primary key autoincrement,
    uid               text    not null unique,
    tenant            text    not null,
    name              text    not null,
    url               text    not null,
    url_number        integer not null, -- of the URL, see webhook_urls
    triggers          text    not null, -- patterns, separated by spaces
    target            text,
    filters           text,             -- JSON
    signature_profile text,
    metadata          text,             -- JSON
    secret_hint       text    not null, -- the end of the newest secret
    enabled           integer not null,
    disabled_reason   text,
    verify_tls        integer not null,
    timeout_ms        integer,          -- null: the app's, like the next one
    retry_delays      text,             -- milliseconds, separated by spaces
    rate_limit        integer,          -- attempts a second; null: as many as there are
    headers           text,             -- JSON; the values are protected
    version           integer not null, -- raised by every change of the settings
    created_by        text,
    created_at        integer not null,
    updated_at        integer not null,
    deleted_at        integer,          -- the row stays for the log that names it
    last_success_at   integer,
    last_failure_at   integer,
    last_failure      text,
    last_status_code  integer,
    failures          integer not null default 0, -- failed attempts in a row
    failing_since     integer,                    -- when the first of them was over
    warnings          integer not null default 0, -- how many warnings of disabling were given since then
    window_at         integer,                    -- when the window began in which attempts are counted
    window_attempts   integer not null default 0,
    window_failures   integer not null default 0,
    successes         integer not null default 0, -- successful attempts since the breaker last changed
    breaker           integer not null default 0,
    breaker_seq       integer not null default 0, -- raised by every change of the breaker or the pause, and fences the next one
    openings          integer not null default 0, -- how often the breaker opened since it was last closed
    paused_until      integer,                    -- nothing is claimed before
    pause_reason      integer,
    slow_start        integer                     -- attempts at once while it recovers
);

-- The URLs of webhooks, for the log: an attempt has the number of the one it went to. A former one goes with the last delivery that may name it.
create table webhook_urls (
    webhook_id       integer not null,
    number           integer not null,
    url              text    not null,
    replaced_at      integer,          -- null: the current one
    last_delivery_id integer,          -- noted by retention a while later: what is above went elsewhere
    primary key (webhook_id, number)
) without rowid;

create index webhook_urls_replaced on webhook_urls (replaced_at) where replaced_at is not null;

create table webhook_secrets (
    id         integer not null primary key,
    webhook_id integer not null,
    secret     text    not null,
    created_at integer not null,
    expires_at integer                 -- null: the current one
);

create index webhook_secrets_webhook on webhook_secrets (webhook_id);

create table webhook_events (
    id              integer not null primary key,
    uid             text    not null unique,
    trigger_name    text    not null,
    tenant          text    not null,
    target          text,
    idempotency_key text,
    created_at      integer not null,
    payload_size    integer not null,
    payload         blob               -- null: erased by retention
);

create index webhook_events_created on webhook_events (created_at); -- for lists by date
create unique index webhook_events_key on webhook_events (tenant, idempotency_key) where idempotency_key is not null;

-- Deliveries that are not finished: small and hot. A lease is a due time in the future and a sequence number that fences every later write.
create table webhook_queue (
    id           integer not null primary key autoincrement,
    event_id     integer not null,
    webhook_id   integer not null,
    due_at       integer,              -- null: parked; while leased, the end of the lease
    lease_seq    integer not null,
    claims       integer not null,     -- since an outcome was last recorded
    claimed_at   integer,              -- null: not claimed since an outcome was last recorded
    attempts     integer not null,
    created_at   integer not null,
    outcome      integer,              -- of the last attempt, like the next two
    status_code  integer,
    attempted_at integer
);

create index webhook_queue_due on webhook_queue (webhook_id, due_at) where due_at is not null;
create index webhook_queue_parked on webhook_queue (outcome, webhook_id) where due_at is null; -- for what waits for a readable secret
create index webhook_queue_event on webhook_queue (event_id);

-- Finished deliveries, append-only, each with its last attempt.
create table webhook_deliveries (
    id                 integer not null primary key,
    event_id           integer not null,
    webhook_id         integer not null,
    status             integer not null,
    lease_seq          integer not null, -- goes on when a person returns the delivery to the queue
    attempts           integer not null,
    created_at         integer not null,
    finished_at        integer not null,
    outcome            integer,          -- null: no attempt was made
    status_code        integer,
    started_at         integer,
    duration_ms        integer,
    url_number         integer,
    error              text,
    signature          blob,             -- see StoredSignature
    response_headers   text,
    response_body      blob,
    response_truncated integer not null
);

create index webhook_deliveries_webhook on webhook_deliveries (webhook_id);
create index webhook_deliveries_event on webhook_deliveries (event_id);

-- Every attempt before the last one of a finished delivery; all attempts of one that is not finished.
create table webhook_attempts (
    delivery_id        integer not null,
    number             integer not null,
    outcome            integer not null,
    status_code        integer,
    started_at         integer not null,
    duration_ms        integer not null,
    url_number         integer,
    error              text,
    signature          blob,             -- see StoredSignature
    response_headers   text,
    response_body      blob,
    response_truncated integer not null,
    primary key (delivery_id, number)
);

-- Figures for the overview, added up by all nodes. 'resolution' is 0 for minutes and 1 for hours, 'bucket_at' when the minute or hour begins.
create table webhook_stats (
    resolution  integer not null,
    bucket_at   integer not null,
    webhook_id  integer not null,
    delivered   integer not null, -- attempts
    failed      integer not null, -- attempts
    exhausted   integer not null, -- deliveries
    duration_ms integer not null, -- of all attempts together
    primary key (resolution, bucket_at, webhook_id)
) without rowid;

-- Bulk operations: what is to be done with the deliveries that a filter finds, and how far it has come.
create table webhook_operations (
    id                  integer not null primary key autoincrement,
    uid                 text not null unique,
    tenant              text, -- null: of all tenants
    kind                integer not null,
    status              integer not null,
    due_at              integer, -- past: any node may take it; future: leased until then; null: finished
    lease_seq           integer not null, -- raised by every claim, and fences every step
    rate                integer not null, -- deliveries a second
    before_id           integer not null, -- the cursor, from the cut-off down: what is below is still to be done
    matched             integer not null, -- at the start
    matched_is_at_least integer not null,
    done                integer not null,
    under_way           integer not null, -- skipped because of this, like the next five
    webhook_disabled    integer not null,
    webhook_deleted     integer not null,
    payload_expired     integer not null,
    already_finished    integer not null,
    gone                integer not null,
    created_at          integer not null,
    updated_at          integer not null,
    finished_at         integer,
    created_by          text,
    start_key           text, -- of tenant and idempotency key, hashed
    filter              text not null, -- JSON
    error               text
);

create index webhook_operations_due on webhook_operations (due_at);
create unique index webhook_operations_key on webhook_operations (start_key) where start_key is not null;

insert into webhook_migrations (version, name, compatible_from, applied_at)
values (1, 'initial', 1, cast((julianday('now') - 2440587.5) * 86400000 as integer));

-- A webhook is created

update webhook_state set value = value where name = @CatalogueVersion;

select count(*) from webhooks w where w.tenant = @Tenant and w.deleted_at is null;

insert into webhooks
    (uid, tenant, name, url, url_number, triggers, target, filters, signature_profile, metadata, secret_hint, enabled, verify_tls,
     timeout_ms, retry_delays, rate_limit, headers, version, created_by, created_at, updated_at)
values (@Uid, @Tenant, @Name, @Url, @UrlNumber, @Triggers, @Target, @Filters, @SignatureProfile, @Metadata, @SecretHint, @Enabled, @VerifyTls,
        @TimeoutMs, @RetryDelays, @RateLimit, @Headers, 1, @CreatedBy, @Now, @Now);

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks w where w.uid = @Key and w.deleted_at is null;

insert into webhook_urls (webhook_id, number, url) values (@Id, @Number, @Url);

insert into webhook_secrets (webhook_id, secret, created_at) values (@Id, @Secret, @Now);

update webhook_state set value = value + 1 where name = @CatalogueVersion;

select value from webhook_state where name = @CatalogueVersion;

select name as Name, value as Value from webhook_state;

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks w where w.deleted_at is null;

select webhook_id as WebhookId, secret as Secret, expires_at as ExpiresAt from webhook_secrets order by id desc;

-- A webhook is changed, and its secret replaced

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks w where w.id = @Key and w.deleted_at is null;

update webhooks
set name = @Name, url = @Url, url_number = @UrlNumber, triggers = @Triggers, target = @Target, filters = @Filters,
    signature_profile = @SignatureProfile, metadata = @Metadata, verify_tls = @VerifyTls,
    timeout_ms = @TimeoutMs, retry_delays = @RetryDelays, rate_limit = @RateLimit,
    headers = coalesce(@Headers, headers), updated_at = @Now
where id = @Id and deleted_at is null;

delete from webhook_secrets where webhook_id = @Id;

update webhooks set secret_hint = @SecretHint where id = @Id;

update webhooks
set breaker = 3, breaker_seq = breaker_seq + 1, slow_start = 1, openings = 0, successes = 0,
    paused_until = null, pause_reason = null, failures = 0, failing_since = null, warnings = 0,
    window_at = null, window_attempts = 0, window_failures = 0
where id = @Id and enabled = 0 and deleted_at is null;

update webhooks set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
where id = @Id and deleted_at is null and enabled <> @Enabled;

update webhooks set version = version + 1 where id = @Id;

-- A webhook is given another URL

update webhook_urls set replaced_at = @Now where webhook_id = @Id and number = @Number;

update webhooks
set breaker = 3, breaker_seq = breaker_seq + 1, slow_start = 1, openings = 0, successes = 0,
    paused_until = null, pause_reason = null, failures = 0, failing_since = null, warnings = 0,
    window_at = null, window_attempts = 0, window_failures = 0
where id = @Id and (failures > 0 or breaker <> 0) and deleted_at is null;

-- A secret is rotated

delete from webhook_secrets where webhook_id = @Id and expires_at <= @Now;

update webhook_secrets set expires_at = @ExpiresAt where webhook_id = @Id and expires_at is null;

select count(*) from webhook_secrets where webhook_id = @Id;

update webhooks set updated_at = @Now where id = @Id;

-- Secrets are revealed

select webhook_id as WebhookId, secret as Secret, created_at as CreatedAt, expires_at as ExpiresAt
from webhook_secrets where webhook_id = @Id and (expires_at is null or expires_at > @Now) order by id desc;

-- Earlier secrets are revoked

delete from webhook_secrets where webhook_id = @Id and expires_at is not null;

-- Webhooks are found and listed

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks w where w.deleted_at is null and w.id > @AfterId and w.tenant = @Tenant and w.enabled = @Enabled order by w.id limit @Limit offset @Offset;

-- An event is published

select value from webhook_state where name = 'catalogue';

insert into webhook_events (uid, trigger_name, tenant, target, idempotency_key, created_at, payload_size, payload)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing;

insert into webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
values (?1, ?2, ?3, ?4, ?4, ?5, 0, ?6);

-- An event with an idempotency key is published: nothing new

-- It is published again

select id from webhook_events where uid = ?1;

select uid, trigger_name, payload from webhook_events where tenant = ?1 and idempotency_key = ?2;

-- An event is published in the app's own transaction: nothing new

-- Due deliveries are claimed

select w.id, w.breaker, w.breaker_seq, w.openings, w.paused_until, w.pause_reason, w.slow_start from webhooks w where (w.breaker <> 0 or w.paused_until is not null);

select webhook_id, due_at from webhook_queue
where webhook_id > ?1 and due_at is not null order by webhook_id, due_at limit 1;

select q.id, q.event_id, e.uid, e.trigger_name, e.payload, q.created_at, q.lease_seq, q.claims, q.claimed_at, q.attempts
from webhook_queue q join webhook_events e on e.id = q.event_id
where q.webhook_id = ?1 and q.due_at <= ?2 order by q.due_at limit ?3;

update webhook_queue set due_at = ?2, claimed_at = ?3, lease_seq = lease_seq + 1, claims = claims + 1 where id = ?1;

select value, (select min(o.due_at) from webhook_operations o  where o.due_at is not null) from webhook_state where name = 'catalogue';

-- A delivery is finished

delete from webhook_queue where id = ?1 and lease_seq = ?2 and claimed_at is not null;

insert into webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18);

update webhooks
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
returning id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start;

-- An attempt has failed, and there is to be another

update webhook_queue
set due_at = ?3, claims = 0, claimed_at = null, attempts = ?4, outcome = ?5, status_code = ?6, attempted_at = ?7
where id = ?1 and lease_seq = ?2 and claimed_at is not null;

insert into webhook_attempts (delivery_id, number, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);

-- A delivery is given back unsent

update webhook_queue set due_at = ?3, claims = claims - 1, claimed_at = null
where id = ?1 and lease_seq = ?2 and claimed_at is not null;

-- An outcome comes too late

update webhook_attempts
set outcome = ?3, status_code = ?4, started_at = ?5, duration_ms = ?6, url_number = ?7, error = ?8, signature = ?9,
    response_headers = ?10, response_body = ?11, response_truncated = ?12
where delivery_id = ?1 and number = ?2 and outcome = 17;

-- Deliveries are claimed whose leases have ended

update webhook_queue
set attempts = ?2, outcome = 17, status_code = null, attempted_at = ?3 where id = ?1;

insert into webhook_attempts (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
values (?1, ?2, 17, ?3, ?4, ?5, 0);

-- A delivery is finished without an attempt

insert into webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select q.id, q.event_id, q.webhook_id, ?3, q.lease_seq, q.attempts, q.created_at, ?4,
       a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
       coalesce(a.response_truncated, 0)
from webhook_queue q left join webhook_attempts a on a.delivery_id = q.id and a.number = q.attempts
where q.id = ?1 and q.lease_seq = ?2 and q.claimed_at is not null;

delete from webhook_attempts
where delivery_id in (select q.id from webhook_queue q where q.id = ?1 and q.lease_seq = ?2 and q.claimed_at is not null)
  and number = (select q.attempts from webhook_queue q where q.id = delivery_id);

-- A delivery is parked: nothing new

-- The log is listed

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) finished;

-- A page of the log is read, with payloads

select * from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) finished;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (3,2,1) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3,2,1) order by d.id desc limit @Limit offset @Offset) finished;

-- The log is listed by every filter there is

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and e.tenant = @Tenant and d.webhook_id = @WebhookId and w.uid = @WebhookUid and w.url = @WebhookUrl and w.created_by = @WebhookCreatedBy and e.uid = @EventUid and e.uid in (@EventUid0) and e.trigger_name = @Trigger and d.status_code = @StatusCode and d.outcome in (2) and d.attempts >= @AttemptsFrom and d.attempts <= @AttemptsTo and d.created_at >= @CreatedFrom and d.created_at <= @CreatedTo and d.attempted_at >= @AttemptedFrom and d.attempted_at <= @AttemptedTo and (d.attempts = 0 or (d.attempts > 0 and d.status_code is null) or d.status_code between 200 and 299 or d.status_code between 300 and 399 or d.status_code between 400 and 499 or d.status_code >= 500) and ((d.attempts = 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null) or (d.claimed_at is not null and d.due_at > @Now) or (d.attempts > 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null) or d.due_at is null or 1 = 0 or 1 = 0 or 1 = 0 or 1 = 0) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.tenant = @Tenant and d.webhook_id = @WebhookId and w.uid = @WebhookUid and w.url = @WebhookUrl and w.created_by = @WebhookCreatedBy and e.uid = @EventUid and e.uid in (@EventUid0) and e.trigger_name = @Trigger and d.status_code = @StatusCode and d.outcome in (2) and d.attempts >= @AttemptsFrom and d.attempts <= @AttemptsTo and d.created_at >= @CreatedFrom and d.created_at <= @CreatedTo and (d.started_at + d.duration_ms) >= @AttemptedFrom and (d.started_at + d.duration_ms) <= @AttemptedTo and (d.attempts = 0 or (d.attempts > 0 and d.status_code is null) or d.status_code between 200 and 299 or d.status_code between 300 and 399 or d.status_code between 400 and 499 or d.status_code >= 500) and (d.status = 4 or d.status = 5 or d.status = 6 or d.status = 7) order by d.id desc limit @Limit offset @Offset) finished;

-- The log is counted

select count(*) from (select * from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc limit @Limit offset @Offset) finished) found;

-- Deliveries and their attempts are found

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (1) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (1) order by d.id desc limit @Limit offset @Offset) finished;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (1,2) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (1,2) order by d.id desc limit @Limit offset @Offset) finished;

select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, a.number as Number, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhook_attempts a
join (select id, event_id, webhook_id from webhook_queue where id = @Id
      union all select id, event_id, webhook_id from webhook_deliveries where id = @Id) d on d.id = a.delivery_id
join webhook_events e on e.id = d.event_id
where a.delivery_id = @Id
union all
select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, d.attempts as Number, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id = @Id and d.outcome is not null;

-- Events are found and listed

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize, e.payload as Payload from webhook_events e where e.uid = @Uid;

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize from webhook_events e where e.id < @BeforeId order by e.id desc limit @Limit offset @Offset;

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize from webhook_events e where e.id < @BeforeId and e.tenant = @Tenant and e.trigger_name = @Trigger and e.created_at >= @From and e.created_at <= @To order by e.id desc limit @Limit offset @Offset;

-- A delivery is cancelled

update webhook_queue set claims = -1 where id = @Id and (due_at is null or claimed_at is null or due_at <= @Now);

select 0 as Finished, case when due_at > @Now and claimed_at is not null then 1 else 0 end as Leased
from webhook_queue where id = @Id
union all
select 1 as Finished, 0 as Leased from webhook_deliveries where id = @Id;

-- Deliveries are retried

update webhook_deliveries set attempts = attempts where id = @Id;

update webhook_queue set attempts = attempts where id = @Id and ((claimed_at is null or due_at <= @Now) or due_at is null);

select count(*) from webhook_queue where id = @Id and claimed_at is not null and due_at > @Now;

select d.finished as Finished, d.leased as Leased, case when w.deleted_at is null then 0 else 1 end as Deleted,
       w.enabled as Enabled, case when e.payload is null then 1 else 0 end as PayloadExpired
from (select event_id, webhook_id, 0 as finished, case when (claimed_at is null or due_at <= @Now) or due_at is null then 0 else 1 end as leased
      from webhook_queue where id = @Id
      union all
      select event_id, webhook_id, 1, 0 from webhook_deliveries where id = @Id) d
join webhooks w on w.id = d.webhook_id
join webhook_events e on e.id = d.event_id;

update webhook_queue set due_at = @Now where id = @Id;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (3) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3) order by d.id desc limit @Limit offset @Offset) finished;

update webhook_events set created_at = created_at where id = (select event_id from webhook_deliveries where id = @Id);

insert into webhook_queue
    (id, event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at, outcome, status_code, attempted_at)
select id, event_id, webhook_id, @Now, lease_seq, 0, attempts, created_at, outcome, status_code, started_at + duration_ms
from webhook_deliveries where id = @Id;

insert into webhook_attempts
    (delivery_id, number, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select id, attempts, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated from webhook_deliveries where id = @Id and outcome is not null;

delete from webhook_deliveries where id = @Id;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (2) order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (2) order by d.id desc limit @Limit offset @Offset) finished;

-- An event is sent again

select d.id as Id, d.webhook_id as WebhookId from webhook_queue d where d.event_id = (select e.id from webhook_events e where e.uid = @EventUid)
union
select d.id as Id, d.webhook_id as WebhookId from webhook_deliveries d where d.event_id = (select e.id from webhook_events e where e.uid = @EventUid);

-- An event is sent to one more webhook

select d.id as Id, d.webhook_id as WebhookId from webhook_queue d where d.event_id = (select e.id from webhook_events e where e.uid = @EventUid) and d.webhook_id = @WebhookId
union
select d.id as Id, d.webhook_id as WebhookId from webhook_deliveries d where d.event_id = (select e.id from webhook_events e where e.uid = @EventUid) and d.webhook_id = @WebhookId;

update webhook_events set created_at = created_at where uid = @EventUid;

select e.id as EventId, case when e.payload is null then 1 else 0 end as PayloadExpired,
       case when w.deleted_at is null then 0 else 1 end as Deleted, w.enabled as Enabled
from webhook_events e join webhooks w on w.tenant = e.tenant
where e.uid = @EventUid and w.id = @WebhookId;

select d.id as Id, d.webhook_id as WebhookId from webhook_queue d where d.event_id = @EventId and d.webhook_id = @WebhookId
union
select d.id as Id, d.webhook_id as WebhookId from webhook_deliveries d where d.event_id = @EventId and d.webhook_id = @WebhookId;

insert into webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
select e.id, @WebhookId, @Now, 0, 0, 0, @Now from webhook_events e where e.id = @EventId;

-- A test event is sent

select id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start from webhooks where id = @WebhookId and deleted_at is null;

-- A webhook is disabled

update webhooks set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
where id = @Id and deleted_at is null;

update webhook_queue set due_at = null where webhook_id = @WebhookId and due_at is not null and (claimed_at is null or due_at <= @Now);

-- A webhook is enabled, and what was parked is sent

select coalesce(max(ids.id), 0) from (select max(id) as id from webhook_queue union all select max(id) as id from webhook_deliveries) ids;

select count(*) from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc limit @Limit offset @Offset) found;

insert into webhook_operations
    (uid, tenant, kind, status, due_at, lease_seq, rate, before_id, matched, matched_is_at_least, done, under_way, webhook_disabled,
     webhook_deleted, payload_expired, already_finished, gone, created_at, updated_at, created_by, start_key, filter)
values (@Uid, @Tenant, @Kind, 0, @Now, 0, @Rate, @BeforeId, @Matched, @MatchedIsAtLeast, 0, 0, 0, 0, 0, 0, 0, @Now, @Now,
        @CreatedBy, @StartKey, @Filter);

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhook_operations o where o.uid = @Key;

-- An operation is previewed

select count(*) from (select * from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) finished) found;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) finished;

-- An operation is started: nothing new

-- An operation with an idempotency key is started

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhook_operations o where o.start_key = @Key;

-- Operations are found and listed

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhook_operations o where o.id < @BeforeId
order by o.id desc limit @Limit offset @Offset;

-- Operations are claimed

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhook_operations o where o.due_at <= @Now
order by o.due_at, o.id limit @Limit offset @Offset;

update webhook_operations set due_at = @LeaseEnd, lease_seq = lease_seq + 1
where id = @Id and lease_seq = @LeaseSequence and due_at <= @Now and status = 0;

-- A step of an operation is done

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhook_operations o where o.id = @Id and o.lease_seq = @LeaseSequence and o.status = 0;

select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.webhook_id = @WebhookId and (d.due_at is null) and d.id >= @FromId order by d.id desc limit @Limit offset @Offset;

update webhook_operations set due_at = @LeaseEnd where id = @Id and lease_seq = @LeaseSequence and status = 0;

select before_id from webhook_operations where id = @Id;

select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6) and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc limit @Limit offset @Offset;

update webhook_operations
set before_id = @BeforeId, updated_at = @Now, done = done + @Done, under_way = under_way + @UnderWay,
    webhook_disabled = webhook_disabled + @WebhookDisabled, webhook_deleted = webhook_deleted + @WebhookDeleted,
    payload_expired = payload_expired + @PayloadExpired, already_finished = already_finished + @AlreadyFinished, gone = gone + @Gone
    
where id = @Id;

-- Its last step is done

select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3,2,1) and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc limit @Limit offset @Offset;

update webhook_operations
set before_id = @BeforeId, updated_at = @Now, done = done + @Done, under_way = under_way + @UnderWay,
    webhook_disabled = webhook_disabled + @WebhookDisabled, webhook_deleted = webhook_deleted + @WebhookDeleted,
    payload_expired = payload_expired + @PayloadExpired, already_finished = already_finished + @AlreadyFinished, gone = gone + @Gone
    , status = 1, due_at = null, finished_at = @Now
where id = @Id;

-- Another one cancels

select * from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger and d.id >= @FromId order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger and d.id >= @FromId order by d.id desc limit @Limit offset @Offset) finished;

select * from (select d.id as Id from webhook_queue d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6,5,4,3,2,1) and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) unfinished union all select * from (select d.id as Id from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6,5,4,3,2,1) and e.trigger_name = @Trigger order by d.id desc limit @Limit offset @Offset) finished;

-- An operation is stopped

update webhook_operations
set status = 2, due_at = null, updated_at = @Now, finished_at = @Now
where uid = @Uid and status = 0;

-- An operation is given back

update webhook_operations set due_at = @DueAt where id = @Id and lease_seq = @LeaseSequence and status = 0;

-- An operation has failed

update webhook_operations set status = 3, due_at = null, updated_at = @Now, finished_at = @Now, error = @Error where id = @Id and lease_seq = @LeaseSequence and status = 0;

-- Figures are added

update webhook_state set value = value where name = 'stats';

update webhook_stats
set delivered = delivered + @Delivered, failed = failed + @Failed, exhausted = exhausted + @Exhausted, duration_ms = duration_ms + @DurationMs
where resolution = @Resolution and bucket_at = @At and webhook_id = @WebhookId;

insert into webhook_stats (resolution, bucket_at, webhook_id, delivered, failed, exhausted, duration_ms)
values (@Resolution, @At, @WebhookId, @Delivered, @Failed, @Exhausted, @DurationMs);

-- The overview is read

select s.bucket_at as At, cast(sum(s.delivered) as bigint) as Delivered, cast(sum(s.failed) as bigint) as Failed, cast(sum(s.exhausted) as bigint) as Exhausted,
cast(sum(s.duration_ms) as bigint) as DurationMs
from webhook_stats s where s.resolution = @Resolution and s.bucket_at >= @From
group by s.bucket_at;

select f.*, w.uid as Uid, w.name as Name
from (select s.webhook_id as WebhookId, cast(sum(s.delivered) as bigint) as Delivered, cast(sum(s.failed) as bigint) as Failed, cast(sum(s.exhausted) as bigint) as Exhausted,
cast(sum(s.duration_ms) as bigint) as DurationMs
      from webhook_stats s where s.resolution = @Resolution and s.bucket_at >= @From
      group by s.webhook_id having sum(s.failed) > 0) f
join webhooks w on w.id = f.WebhookId and w.deleted_at is null
order by f.Failed desc, f.WebhookId limit @Limit offset @Offset;

select x.Status, count(*) as Found
from (select case when q.due_at is null then 3
                  when q.claimed_at is not null and q.due_at > @Now then 1
                  when q.attempts = 0 then 0
                  else 2 end as Status
      from webhook_queue q where 1 = 1 order by q.id limit @Limit offset @Offset) x
group by x.Status;

select min(x.due_at)
from (select (select min(q.due_at) from webhook_queue q where q.webhook_id = w.id and q.due_at is not null) as due_at
      from webhooks w where 1 = 1) x
where x.due_at <= @Now;

-- Old figures are deleted

delete from webhook_stats
where resolution = @Resolution
  and bucket_at = (select min(s.bucket_at) from webhook_stats s where s.resolution = @Resolution and s.bucket_at < @Before);

-- A webhook is deleted

update webhooks set deleted_at = @Now, enabled = 0, breaker = 0, paused_until = null where id = @Id;

update webhook_queue set claims = -1 where webhook_id = @Id and (due_at is null or claimed_at is null or due_at <= @Now);

insert into webhook_attempts (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
select q.id, q.attempts + 1, 17, q.claimed_at,
       case when @Now <= q.claimed_at then 0 when @Now - q.claimed_at > 2147483647 then 2147483647 else @Now - q.claimed_at end, @Interrupted, 0
from webhook_queue q where q.webhook_id = @Id and q.claims = -1 and q.claimed_at is not null;

update webhook_queue set attempts = attempts + 1
where id in (select q.id from webhook_queue q where q.webhook_id = @Id and q.claims = -1 and q.claimed_at is not null);

insert into webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select q.id, q.event_id, q.webhook_id, @Status, q.lease_seq, q.attempts, q.created_at, @Now,
       a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
       coalesce(a.response_truncated, 0)
from webhook_queue q left join webhook_attempts a on a.delivery_id = q.id and a.number = q.attempts
where q.webhook_id = @Id and q.claims = -1;

delete from webhook_attempts
where delivery_id in (select q.id from webhook_queue q where q.webhook_id = @Id and q.claims = -1)
  and number = (select q.attempts from webhook_queue q where q.id = delivery_id);

delete from webhook_queue where webhook_id = @Id and claims = -1;

-- What is old is deleted

select t.id as Id, t.created_at as CreatedAt, case when t.created_at < @Before and t.has_payload = 1 and not exists (select 1 from webhook_queue q where q.event_id = t.id) then 1 else 0 end as IsOld
from (select x.id, x.created_at, case when x.payload is null then 0 else 1 end as has_payload from webhook_events x where x.id > @After order by x.id limit @Limit offset @Offset) t
order by t.id;

update webhook_events set created_at = created_at where id in (1,2,3,5,6);

update webhook_events set payload = null where id in (1,2,3,5,6) and payload is not null and not exists (select 1 from webhook_queue q where q.event_id = webhook_events.id);

select t.id as Id, t.created_at as CreatedAt, case when t.finished_at < @Before then 1 else 0 end as IsOld
from (select x.id, x.created_at, x.finished_at from webhook_deliveries x where x.id > @After order by x.id limit @Limit offset @Offset) t
order by t.id;

delete from webhook_deliveries where id in (1,2,3,5,6) and finished_at < @Before;

delete from webhook_attempts
where delivery_id in (1,2,3,5,6)
  and not exists (select 1 from webhook_queue q where q.id = webhook_attempts.delivery_id)
  and not exists (select 1 from webhook_deliveries d where d.id = webhook_attempts.delivery_id);

select t.id as Id, t.created_at as CreatedAt, case when t.created_at < @Before and not exists (select 1 from webhook_queue q where q.event_id = t.id) and not exists (select 1 from webhook_deliveries d where d.event_id = t.id) then 1 else 0 end as IsOld
from (select x.id, x.created_at, x.payload_size from webhook_events x where x.id > @After order by x.id limit @Limit offset @Offset) t
order by t.id;

delete from webhook_events where id in (1,2,3,5,6) and not exists (select 1 from webhook_queue q where q.event_id = webhook_events.id) and not exists (select 1 from webhook_deliveries d where d.event_id = webhook_events.id);

update webhook_urls set last_delivery_id = (select coalesce(max(ids.id), 0) from (select max(id) as id from webhook_queue union all select max(id) as id from webhook_deliveries) ids) where replaced_at < @Before and last_delivery_id is null;

select webhook_id as WebhookId, min(last_delivery_id) as LowestNote, max(last_delivery_id) as HighestNote
from webhook_urls where replaced_at < @Before and last_delivery_id is not null group by webhook_id;

select min(d.id) from webhook_queue d where d.webhook_id = @WebhookId and d.id <= @HighestNote;

select min(d.id) from webhook_deliveries d where d.webhook_id = @WebhookId and d.id <= @HighestNote;

delete from webhook_operations where finished_at < @Before;

delete from webhook_secrets where expires_at <= @Now;

-- The version of the schema is read: nothing new

