-- The store is opened

select count(*) from sys.tables where object_id = object_id(N'webhooks.webhook_migrations', N'U');

if schema_id(N'webhooks') is null
    exec (N'create schema webhooks');
if object_id(N'webhooks.webhook_migrations', N'U') is null
    create table webhooks.webhook_migrations
        (version int not null primary key, name nvarchar(100) not null, compatible_from int not null, applied_at bigint not null);

select version as Version, compatible_from as CompatibleFrom from webhooks.webhook_migrations
where version = (select max(version) from webhooks.webhook_migrations);

-- V001: the first schema, for SQL Server 2016 or newer and Azure SQL.
-- compatible from: 1
-- Runs once, in one transaction under the application lock; a process that dies in it leaves nothing behind.
-- Times are Unix milliseconds. Statuses and outcomes are the numbers of WebhookDeliveryStatus and WebhookAttemptOutcome.
-- What is compared is collated by code point: tenants, triggers and keys that differ in case differ, whatever the database's default.

-- Numbers of the store. 'catalogue' is raised by every change of a webhook, so that what nodes remember is known to be old; it begins anywhere,
-- so that it fits no other store. 'store' tells this store from every other. 'stats' is locked by who adds figures.
create table webhooks.webhook_state (
    name  nvarchar(50) collate Latin1_General_100_BIN2 not null primary key,
    value bigint       not null
);

insert into webhooks.webhook_state (name, value) values
    (N'catalogue', abs(cast(cast(newid() as varbinary(8)) as bigint) % 1000000000000)),
    (N'store', abs(cast(cast(newid() as varbinary(8)) as bigint) % 9007199254740991)),
    (N'stats', 0);

create table webhooks.webhooks (
    id                bigint           not null identity(1, 1) primary key,
    uid               uniqueidentifier not null unique,
    tenant            nvarchar(100)    collate Latin1_General_100_BIN2 not null,
    name              nvarchar(255)    collate Latin1_General_100_BIN2 not null,
    url               nvarchar(2048)   collate Latin1_General_100_BIN2 not null,
    url_number        int              not null, -- of the URL, see webhook_urls
    triggers          nvarchar(max)    collate Latin1_General_100_BIN2 not null, -- patterns, separated by spaces
    target            nvarchar(255)    collate Latin1_General_100_BIN2,
    filters           nvarchar(max)    collate Latin1_General_100_BIN2, -- JSON
    signature_profile nvarchar(64)     collate Latin1_General_100_BIN2,
    metadata          nvarchar(max)    collate Latin1_General_100_BIN2, -- JSON
    secret_hint       nvarchar(4)      collate Latin1_General_100_BIN2 not null, -- the end of the newest secret
    enabled           int              not null,
    disabled_reason   nvarchar(max),
    verify_tls        int              not null,
    timeout_ms        int,             -- null: the app's, like the next one
    retry_delays      nvarchar(max)    collate Latin1_General_100_BIN2, -- milliseconds, separated by spaces
    rate_limit        int,             -- attempts a second; null: as many as there are
    headers           nvarchar(max)    collate Latin1_General_100_BIN2, -- JSON; the values are protected
    version           bigint           not null, -- raised by every change of the settings
    created_by        nvarchar(255)    collate Latin1_General_100_BIN2,
    created_at        bigint           not null,
    updated_at        bigint           not null,
    deleted_at        bigint,          -- the row stays for the log that names it
    last_success_at   bigint,
    last_failure_at   bigint,
    last_failure      nvarchar(max),
    last_status_code  int,
    failures          int              not null default 0, -- failed attempts in a row
    failing_since     bigint,          -- when the first of them was over
    warnings          int              not null default 0, -- how many warnings of disabling were given since then
    window_at         bigint,          -- when the window began in which attempts are counted
    window_attempts   int              not null default 0,
    window_failures   int              not null default 0,
    successes         int              not null default 0, -- successful attempts since the breaker last changed
    breaker           int              not null default 0,
    breaker_seq       bigint           not null default 0, -- raised by every change of the breaker or the pause, and fences the next one
    openings          int              not null default 0, -- how often the breaker opened since it was last closed
    paused_until      bigint,          -- nothing is claimed before
    pause_reason      int,
    slow_start        int              -- attempts at once while it recovers
);

-- The URLs of webhooks, for the log: an attempt has the number of the one it went to. A former one goes with the last delivery that may name it.
create table webhooks.webhook_urls (
    webhook_id       bigint         not null,
    number           int            not null,
    url              nvarchar(2048) collate Latin1_General_100_BIN2 not null,
    replaced_at      bigint,         -- null: the current one
    last_delivery_id bigint,         -- noted by retention a while later: what is above went elsewhere
    primary key (webhook_id, number)
);

create index webhook_urls_replaced on webhooks.webhook_urls (replaced_at) where replaced_at is not null;

create table webhooks.webhook_secrets (
    id         bigint        not null identity(1, 1) primary key,
    webhook_id bigint        not null,
    secret     nvarchar(max) not null,
    created_at bigint        not null,
    expires_at bigint                 -- null: the current one
);

create index webhook_secrets_webhook on webhooks.webhook_secrets (webhook_id);

create table webhooks.webhook_events (
    id              bigint           not null identity(1, 1) primary key,
    uid             uniqueidentifier not null unique,
    trigger_name    nvarchar(128)    collate Latin1_General_100_BIN2 not null,
    tenant          nvarchar(100)    collate Latin1_General_100_BIN2 not null,
    target          nvarchar(255)    collate Latin1_General_100_BIN2,
    idempotency_key nvarchar(255)    collate Latin1_General_100_BIN2,
    key_length      int              not null, -- of tenant and key: '=' takes 'a' and 'a ' for the same, this does not
    created_at      bigint           not null,
    payload_size    int              not null,
    payload         varbinary(max)             -- null: erased by retention
);

create index webhook_events_created on webhooks.webhook_events (created_at); -- for lists by date
create unique index webhook_events_key on webhooks.webhook_events (tenant, idempotency_key, key_length)
    where idempotency_key is not null;

-- Deliveries that are not finished: small and hot. A lease is a due time in the future and a sequence number that fences every later write.
create table webhooks.webhook_queue (
    id           bigint not null identity(1, 1) primary key,
    event_id     bigint not null,
    webhook_id   bigint not null,
    due_at       bigint,              -- null: parked; while leased, the end of the lease
    lease_seq    bigint not null,
    claims       int    not null,     -- since an outcome was last recorded
    claimed_at   bigint,              -- null: not claimed since an outcome was last recorded
    attempts     int    not null,
    created_at   bigint not null,
    outcome      int,                 -- of the last attempt, like the next two
    status_code  int,
    attempted_at bigint
);

create index webhook_queue_due on webhooks.webhook_queue (webhook_id, due_at);
create index webhook_queue_parked on webhooks.webhook_queue (outcome, webhook_id) where due_at is null; -- for what waits for a readable secret
create index webhook_queue_event on webhooks.webhook_queue (event_id);

-- Finished deliveries, append-only, each with its last attempt.
create table webhooks.webhook_deliveries (
    id                 bigint         not null primary key,
    event_id           bigint         not null,
    webhook_id         bigint         not null,
    status             int            not null,
    lease_seq          bigint         not null, -- goes on when a person returns the delivery to the queue
    attempts           int            not null,
    created_at         bigint         not null,
    finished_at        bigint         not null,
    outcome            int,                     -- null: no attempt was made
    status_code        int,
    started_at         bigint,
    duration_ms        int,
    url_number         int,
    error              nvarchar(max),
    signature          nvarchar(max),
    response_headers   nvarchar(max),
    response_body      varbinary(max),
    response_truncated int            not null
);

create index webhook_deliveries_webhook on webhooks.webhook_deliveries (webhook_id);
create index webhook_deliveries_event on webhooks.webhook_deliveries (event_id);

-- Every attempt before the last one of a finished delivery; all attempts of one that is not finished.
create table webhooks.webhook_attempts (
    delivery_id        bigint         not null,
    number             int            not null,
    outcome            int            not null,
    status_code        int,
    started_at         bigint         not null,
    duration_ms        int            not null,
    url_number         int,
    error              nvarchar(max),
    signature          nvarchar(max),
    response_headers   nvarchar(max),
    response_body      varbinary(max),
    response_truncated int            not null,
    primary key (delivery_id, number)
);

-- Figures for the overview, added up by all nodes. 'resolution' is 0 for minutes and 1 for hours, 'bucket_at' when the minute or hour begins.
create table webhooks.webhook_stats (
    resolution  int not null,
    bucket_at   bigint not null,
    webhook_id  bigint not null,
    delivered   bigint not null, -- attempts
    failed      bigint not null, -- attempts
    exhausted   bigint not null, -- deliveries
    duration_ms bigint not null, -- of all attempts together
    primary key (resolution, bucket_at, webhook_id)
);

-- Bulk operations: what is to be done with the deliveries that a filter finds, and how far it has come.
create table webhooks.webhook_operations (
    id                  bigint not null identity(1, 1) primary key,
    uid                 uniqueidentifier not null unique,
    tenant              nvarchar(100) collate Latin1_General_100_BIN2, -- null: of all tenants
    kind                int not null,
    status              int not null,
    due_at              bigint, -- past: any node may take it; future: leased until then; null: finished
    lease_seq           bigint not null, -- raised by every claim, and fences every step
    rate                int not null, -- deliveries a second
    before_id           bigint not null, -- the cursor, from the cut-off down: what is below is still to be done
    matched             int not null, -- at the start
    matched_is_at_least int not null,
    done                int not null,
    under_way           int not null, -- skipped because of this, like the next five
    webhook_disabled    int not null,
    webhook_deleted     int not null,
    payload_expired     int not null,
    already_finished    int not null,
    gone                int not null,
    created_at          bigint not null,
    updated_at          bigint not null,
    finished_at         bigint,
    created_by          nvarchar(255) collate Latin1_General_100_BIN2,
    start_key           nvarchar(64) collate Latin1_General_100_BIN2, -- of tenant and idempotency key, hashed
    filter              nvarchar(max) collate Latin1_General_100_BIN2 not null, -- JSON
    error               nvarchar(max)
);

create index webhook_operations_due on webhooks.webhook_operations (due_at);
create unique index webhook_operations_key on webhooks.webhook_operations (start_key) where start_key is not null;

-- What a batch sends, a table each; texts go beside them as JSON. A type cannot be altered: a later version makes a new one beside it, as
-- long as older nodes run.
create type webhooks.webhook_new_events as table (
    place             int              not null primary key,
    uid               uniqueidentifier not null,
    catalogue_version bigint           not null,
    payload           varbinary(max)   not null
);

create type webhooks.webhook_new_deliveries as table (
    place      int              not null primary key,
    event_uid  uniqueidentifier not null,
    webhook_id bigint           not null,
    leased     int              not null
);

create type webhooks.webhook_records as table (
    place              int            not null primary key,
    id                 bigint         not null,
    lease_seq          bigint         not null,
    finishes           int            not null,
    status             int            not null,
    moment             bigint,                  -- when it was finished, or is due again; null: parked
    number             int,                     -- null: no attempt was made, and none of the columns below counts
    outcome            int,
    status_code        int,
    started_at         bigint,
    duration_ms        int,
    url_number         int,
    response_body      varbinary(max),
    response_truncated int            not null
);

create type webhooks.webhook_health as table (
    webhook_id       bigint not null primary key,
    last_success_at  bigint,
    last_failure_at  bigint,
    last_status_code int,
    successes        int    not null,
    failures_in_row  int    not null, -- after the last success
    failing_since    bigint,          -- when the first of those was over
    attempts         int    not null,
    failures         int    not null
);

create type webhooks.webhook_round as table (
    place      int    not null primary key,
    webhook_id bigint not null,
    most       int    not null -- deliveries to claim
);

insert into webhooks.webhook_migrations (version, name, compatible_from, applied_at)
values (1, 'initial', 1, datediff_big(millisecond, '19700101', sysutcdatetime()));

-- A webhook is created

update webhooks.webhook_state set value = value where name = @CatalogueVersion;

select count(*) from webhooks.webhooks w where w.tenant = @Tenant and w.deleted_at is null;

insert into webhooks.webhooks
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
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks.webhooks w where w.uid = @Key and w.deleted_at is null;

insert into webhooks.webhook_urls (webhook_id, number, url) values (@Id, @Number, @Url);

insert into webhooks.webhook_secrets (webhook_id, secret, created_at) values (@Id, @Secret, @Now);

update webhooks.webhook_state set value = value + 1 where name = @CatalogueVersion;

select value from webhooks.webhook_state where name = @CatalogueVersion;

select name as Name, value as Value from webhooks.webhook_state;

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks.webhooks w where w.deleted_at is null;

select webhook_id as WebhookId, secret as Secret, expires_at as ExpiresAt from webhooks.webhook_secrets order by id desc;

-- A webhook is changed, and its secret replaced

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks.webhooks w where w.id = @Key and w.deleted_at is null;

update webhooks.webhooks
set name = @Name, url = @Url, url_number = @UrlNumber, triggers = @Triggers, target = @Target, filters = @Filters,
    signature_profile = @SignatureProfile, metadata = @Metadata, verify_tls = @VerifyTls,
    timeout_ms = @TimeoutMs, retry_delays = @RetryDelays, rate_limit = @RateLimit,
    headers = coalesce(@Headers, headers), updated_at = @Now
where id = @Id and deleted_at is null;

delete from webhooks.webhook_secrets where webhook_id = @Id;

update webhooks.webhooks set secret_hint = @SecretHint where id = @Id;

update webhooks.webhooks
set breaker = 3, breaker_seq = breaker_seq + 1, slow_start = 1, openings = 0, successes = 0,
    paused_until = null, pause_reason = null, failures = 0, failing_since = null, warnings = 0,
    window_at = null, window_attempts = 0, window_failures = 0
where id = @Id and enabled = 0 and deleted_at is null;

update webhooks.webhooks set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
where id = @Id and deleted_at is null and enabled <> @Enabled;

update webhooks.webhooks set version = version + 1 where id = @Id;

-- A webhook is given another URL

update webhooks.webhook_urls set replaced_at = @Now where webhook_id = @Id and number = @Number;

update webhooks.webhooks
set breaker = 3, breaker_seq = breaker_seq + 1, slow_start = 1, openings = 0, successes = 0,
    paused_until = null, pause_reason = null, failures = 0, failing_since = null, warnings = 0,
    window_at = null, window_attempts = 0, window_failures = 0
where id = @Id and (failures > 0 or breaker <> 0) and deleted_at is null;

-- A secret is rotated

delete from webhooks.webhook_secrets where webhook_id = @Id and expires_at <= @Now;

update webhooks.webhook_secrets set expires_at = @ExpiresAt where webhook_id = @Id and expires_at is null;

select count(*) from webhooks.webhook_secrets where webhook_id = @Id;

update webhooks.webhooks set updated_at = @Now where id = @Id;

-- Secrets are revealed

select webhook_id as WebhookId, secret as Secret, created_at as CreatedAt, expires_at as ExpiresAt
from webhooks.webhook_secrets where webhook_id = @Id and (expires_at is null or expires_at > @Now) order by id desc;

-- Earlier secrets are revoked

delete from webhooks.webhook_secrets where webhook_id = @Id and expires_at is not null;

-- Webhooks are found and listed

select w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.url_number as UrlNumber, w.triggers as Triggers, w.target as Target,
w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.timeout_ms as TimeoutMs,
w.retry_delays as RetryDelays, w.rate_limit as RateLimit, w.headers as Headers, w.created_by as CreatedBy,
w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
w.last_failure as LastFailure, w.last_status_code as LastStatusCode, w.failures as Failures, w.failing_since as FailingSince,
w.breaker as Breaker, w.paused_until as PausedUntil, w.pause_reason as PauseReason from webhooks.webhooks w where w.deleted_at is null and w.id > @AfterId and w.tenant = @Tenant and w.enabled = @Enabled order by w.id offset @Offset rows fetch next @Limit rows only;

-- An event is published

set nocount on;
set xact_abort on;
set transaction isolation level read committed;
set lock_timeout 1000;
begin transaction;
declare @Version bigint = (select value from webhooks.webhook_state where name = N'catalogue');
declare @Stored table (uid uniqueidentifier not null primary key, id bigint not null, known int not null);
declare @Named table (place int not null primary key, trigger_name nvarchar(128) collate Latin1_General_100_BIN2 not null,
    tenant nvarchar(100) collate Latin1_General_100_BIN2 not null, target nvarchar(255) collate Latin1_General_100_BIN2,
    idempotency_key nvarchar(255) collate Latin1_General_100_BIN2, key_length int not null);

insert into @Named (place, trigger_name, tenant, target, idempotency_key, key_length)
select t.place, t.trigger_name, replace(replace(replace(replace(replace(replace(t.tenant collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.target collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.idempotency_key collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), 0
from openjson(@EventTexts) with (place int '$.place', trigger_name nvarchar(max) '$.trigger_name', tenant nvarchar(max) '$.tenant',
    target nvarchar(max) '$.target', idempotency_key nvarchar(max) '$.idempotency_key') t;
update @Named set key_length = datalength(tenant) * 1000 + datalength(idempotency_key) where idempotency_key is not null;

insert into @Stored (uid, id, known)
select e.uid, e.id, 1 from @Events n join webhooks.webhook_events e with (forceseek) on e.uid = n.uid;

if exists (select 1 from @Stored)
begin
    update q set due_at = @Now, claims = 0, claimed_at = null
    from webhooks.webhook_queue q with (forceseek, rowlock) join @Stored s on s.id = q.event_id
    where q.lease_seq = 1 and q.claimed_at = q.created_at;
end;

insert into webhooks.webhook_events (uid, trigger_name, tenant, target, idempotency_key, key_length, created_at, payload_size, payload)
output inserted.uid, inserted.id, 0 into @Stored (uid, id, known)
select n.uid, n.trigger_name, n.tenant, n.target, n.idempotency_key, n.key_length, @Now, datalength(n.payload), n.payload
from (select f.place, f.uid, t.trigger_name, t.tenant, t.target, t.idempotency_key, t.key_length, f.payload,
             row_number() over (partition by t.tenant, t.idempotency_key, t.key_length,
                                case when t.idempotency_key is null then f.place end order by f.place) as turn
      from @Events f join @Named t on t.place = f.place where f.catalogue_version = @Version) n
where n.turn = 1
  and not exists (select 1 from @Stored s where s.uid = n.uid)
  and not exists (select 1 from webhooks.webhook_events e
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
left join webhooks.webhook_events e on s.uid is null and n.catalogue_version = @Version and e.tenant = t.tenant
    and e.idempotency_key = t.idempotency_key and e.key_length = t.key_length and e.idempotency_key is not null;
declare @Queued table (id bigint not null primary key, event_id bigint not null, webhook_id bigint not null);

insert into webhooks.webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
output inserted.id, inserted.event_id, inserted.webhook_id into @Queued (id, event_id, webhook_id)
select s.id, d.webhook_id, case when d.leased = 1 then @LeaseEnd else @Now end, d.leased, d.leased,
       case when d.leased = 1 then @Now end, 0, @Now
from @Deliveries d join @Stored s on s.uid = d.event_uid
where s.known = 0
order by d.place;

select i.id, i.event_id, i.webhook_id from @Queued i;
commit transaction;

-- An event with an idempotency key is published: nothing new

-- It is published again: nothing new

-- An event is published in the app's own transaction

set nocount on;
set xact_abort off;
declare @Id bigint;
declare @Current bigint = (select value from webhooks.webhook_state with (readcommittedlock) where name = N'catalogue');
declare @KeyLength int = coalesce(datalength(@Tenant) * 1000 + datalength(@Key), 0);

if @Current = @Version
begin
    begin try
        insert into webhooks.webhook_events (uid, trigger_name, tenant, target, idempotency_key, key_length, created_at, payload_size, payload)
        select @Uid, @Trigger, @Tenant, @Target, @Key, @KeyLength, @Now, datalength(@Payload), @Payload
        where not exists (select 1 from webhooks.webhook_events e with (readcommittedlock)
                          where e.tenant = @Tenant and e.idempotency_key = @Key and e.key_length = @KeyLength
                            and e.idempotency_key is not null);
        set @Id = case when @@rowcount = 1 then scope_identity() end;
    end try
    begin catch
        if error_number() not in (2601, 2627)
            throw;
    end catch;
end;

select @Id, e.uid, case when e.trigger_name = @Trigger and (e.payload is null
           or (e.payload_size = datalength(@Payload) and e.payload = @Payload)) then 1 else 0 end,
       case when @Current = @Version then 1 else 0 end
from (select 1 as one) o
left join webhooks.webhook_events e with (readcommittedlock) on @Id is null and e.tenant = @Tenant and e.idempotency_key = @Key
    and e.key_length = @KeyLength and e.idempotency_key is not null;
insert into webhooks.webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
select @Id, d.webhook_id, @Now, 0, 0, 0, @Now
from openjson(@WebhookIds) with (webhook_id bigint '$.webhook_id') d
where @Id is not null
order by d.webhook_id;

-- Due deliveries are claimed

set nocount on;
set transaction isolation level read committed;
select value, datediff_big(millisecond, '19700101', sysutcdatetime()), (select min(o.due_at) from webhooks.webhook_operations o with (readcommittedlock, readpast, rowlock) where o.due_at is not null) from webhooks.webhook_state where name = N'catalogue';
select w.id, w.due_at, w.breaker, w.breaker_seq, w.openings, w.paused_until, w.pause_reason, w.slow_start
from (select w.id, w.breaker, w.breaker_seq, w.openings, w.paused_until, w.pause_reason, w.slow_start,
             (select min(q.due_at) from webhooks.webhook_queue q with (readcommittedlock, readpast, rowlock, forceseek) where q.webhook_id = w.id and q.due_at >= @From) as due_at
      from webhooks.webhooks w) w
where w.due_at is not null or (w.breaker <> 0 or w.paused_until is not null);

set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @Due table (id bigint not null primary key, place int not null, due_at bigint not null, lease_seq bigint not null, begun_at bigint);
declare @Claimed table (id bigint not null primary key, event_id bigint not null, webhook_id bigint not null,
    created_at bigint not null, lease_seq bigint not null, claims int not null, attempts int not null);
declare @Place int = -1, @WebhookId bigint = @After, @Left int = @Max, @Take int;

begin transaction;

while @Left > 0 and exists (select 1 from @Round where place = @Place + 1)
begin
    set @Place = @Place + 1;
    set @WebhookId = (select webhook_id from @Round where place = @Place);
    set @Take = (select case when @Left < most then @Left else most end from @Round where place = @Place);

    insert into @Due (id, place, due_at, lease_seq, begun_at)
    select top (@Take) q.id, @Place, q.due_at, q.lease_seq, q.claimed_at
    from webhooks.webhook_queue q with (updlock, readcommittedlock, readpast, rowlock, forceseek)
    where q.webhook_id = @WebhookId and q.due_at <= @Now
    order by q.due_at;
    set @Left = @Left - @@rowcount;
end;

update q
set due_at = @LeaseEnd, claimed_at = @Now, lease_seq = q.lease_seq + 1, claims = q.claims + 1,
    attempts = case when q.claimed_at is null then q.attempts else q.attempts + 1 end,
    outcome = case when q.claimed_at is null then q.outcome else 17 end,
    status_code = case when q.claimed_at is null then q.status_code end,
    attempted_at = case when q.claimed_at is null then q.attempted_at else @Now end
output inserted.id, inserted.event_id, inserted.webhook_id, inserted.created_at, inserted.lease_seq, inserted.claims, inserted.attempts
    into @Claimed (id, event_id, webhook_id, created_at, lease_seq, claims, attempts)
from webhooks.webhook_queue q with (forceseek, rowlock) join @Due d on d.id = q.id and d.lease_seq = q.lease_seq;

insert into webhooks.webhook_attempts (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
select c.id, c.attempts, 17, d.begun_at,
       case when @Now <= d.begun_at then 0 when @Now - d.begun_at > 2147483647 then 2147483647 else @Now - d.begun_at end, @Error, 0
from @Claimed c join @Due d on d.id = c.id where d.begun_at is not null;

select c.id, c.event_id, e.uid, e.trigger_name, e.payload, c.webhook_id, c.created_at, c.lease_seq, c.claims, c.attempts
from @Claimed c join @Due d on d.id = c.id join webhooks.webhook_events e with (forceseek) on e.id = c.event_id
order by d.place, d.due_at, d.id;

select @WebhookId, min(h.due_at)
from (select (select min(q.due_at) from webhooks.webhook_queue q with (readcommittedlock, readpast, rowlock, forceseek) where q.webhook_id = r.webhook_id and q.due_at > @Now) as due_at
      from @Round r where r.place <= @Place) h;

commit transaction;

-- A delivery is finished

set nocount on;
set xact_abort on;
set transaction isolation level read committed;
set lock_timeout 1000;
begin transaction;
declare @Told table (place int not null primary key, error nvarchar(max), signature nvarchar(max), response_headers nvarchar(max));
insert into @Told (place, error, signature, response_headers)
select t.place, replace(replace(replace(replace(replace(replace(t.error collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.signature collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.response_headers collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126))
from openjson(@RecordTexts) with (place int '$.place', error nvarchar(max) '$.error',
    signature nvarchar(max) '$.signature', response_headers nvarchar(max) '$.response_headers') t;

declare @Held table (id bigint not null, lease_seq bigint not null, primary key (id, lease_seq));
declare @Finished table (id bigint not null primary key, lease_seq bigint not null, event_id bigint not null,
    webhook_id bigint not null, attempts int not null, created_at bigint not null);

delete q
output deleted.id, deleted.lease_seq, deleted.event_id, deleted.webhook_id, deleted.attempts, deleted.created_at
    into @Finished (id, lease_seq, event_id, webhook_id, attempts, created_at)
from webhooks.webhook_queue q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
where r.finishes = 1 and q.claimed_at is not null;

update q set claimed_at = null
output inserted.id, inserted.lease_seq into @Held (id, lease_seq)
from webhooks.webhook_queue q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
where r.finishes = 0 and q.claimed_at is not null;

update q
set due_at = r.moment,
    claims = case when r.number is null then q.claims - 1 else 0 end,
    attempts = case when r.number is null then q.attempts else r.number end,
    outcome = case when r.number is null then q.outcome else r.outcome end,
    status_code = case when r.number is null then q.status_code else r.status_code end,
    attempted_at = case when r.number is null then q.attempted_at else r.started_at + r.duration_ms end
from webhooks.webhook_queue q with (forceseek, rowlock) join @Held h on h.id = q.id
join @Records r on r.id = h.id and r.lease_seq = h.lease_seq;

insert into webhooks.webhook_attempts (delivery_id, number, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select r.id, r.number, r.outcome, r.status_code, r.started_at, r.duration_ms, r.url_number, t.error, t.signature, t.response_headers, r.response_body, r.response_truncated
from @Records r join @Held h on h.id = r.id and h.lease_seq = r.lease_seq join @Told t on t.place = r.place
where r.number is not null;

insert into webhooks.webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, r.number, f.created_at, r.moment, r.outcome, r.status_code, r.started_at, r.duration_ms, r.url_number, t.error, t.signature, t.response_headers, r.response_body, r.response_truncated
from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq join @Told t on t.place = r.place
where r.number is not null;

if exists (select 1 from @Records r where r.finishes = 1 and r.number is null)
begin
    insert into webhooks.webhook_deliveries
        (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
    select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, f.attempts, f.created_at, r.moment,
           a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
           coalesce(a.response_truncated, 0)
    from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
    left join webhooks.webhook_attempts a with (forceseek) on a.delivery_id = f.id and a.number = f.attempts
    where r.number is null;

    delete a
    from webhooks.webhook_attempts a with (forceseek, rowlock) join @Finished f on f.id = a.delivery_id and f.attempts = a.number
    join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
    where r.number is null;
end;

insert into @Held (id, lease_seq) select f.id, f.lease_seq from @Finished f;

update a
set outcome = r.outcome, status_code = r.status_code, started_at = r.started_at, duration_ms = r.duration_ms,
    url_number = r.url_number, error = t.error, signature = t.signature, response_headers = t.response_headers, response_body = r.response_body,
    response_truncated = r.response_truncated
from webhooks.webhook_attempts a with (forceseek, rowlock) join @Records r on r.id = a.delivery_id and r.number = a.number
join @Told t on t.place = r.place
where a.outcome = 17
  and not exists (select 1 from @Held h where h.id = r.id and h.lease_seq = r.lease_seq);

select h.id, h.lease_seq from @Held h;
declare @Counted table (id bigint not null primary key, failures int, failing_since bigint, warnings int, successes int, window_at bigint,
    window_attempts int, window_failures int, breaker int, breaker_seq bigint, openings int, paused_until bigint, pause_reason int,
    slow_start int);

update w
set last_success_at = coalesce(h.last_success_at, w.last_success_at), last_failure_at = coalesce(h.last_failure_at, w.last_failure_at),
    last_failure = coalesce(replace(replace(replace(replace(replace(replace(t.last_failure collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), w.last_failure), last_status_code = h.last_status_code,
    failures = case when h.successes > 0 then h.failures_in_row
                    when w.failures < 1000000 then w.failures + h.failures_in_row else w.failures end,
    failing_since = case when h.successes > 0 then h.failing_since else coalesce(w.failing_since, h.failing_since) end,
    warnings = case when h.successes > 0 then 0 else w.warnings end,
    successes = case when w.breaker = 0 then 0 else w.successes + h.successes end,
    window_at = case when w.window_at > @Now - 300000 then w.window_at else @Now end,
    window_attempts = case when w.window_at > @Now - 300000 then w.window_attempts else 0 end + h.attempts,
    window_failures = case when w.window_at > @Now - 300000 then w.window_failures else 0 end + h.failures
output inserted.id, inserted.failures, inserted.failing_since, inserted.warnings, inserted.successes, inserted.window_at, inserted.window_attempts, inserted.window_failures, inserted.breaker, inserted.breaker_seq, inserted.openings, inserted.paused_until, inserted.pause_reason, inserted.slow_start into @Counted (id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start)
from webhooks.webhooks w with (forceseek, rowlock) join @Health h on h.webhook_id = w.id
left join openjson(@HealthTexts) with (webhook_id bigint '$.webhook_id', last_failure nvarchar(max) '$.last_failure') t
    on t.webhook_id = h.webhook_id;

select id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start from @Counted where (failures > 0 or breaker <> 0 or pause_reason = 2);
commit transaction;

-- An attempt has failed, and there is to be another: nothing new

-- A delivery is given back unsent

set nocount on;
set xact_abort on;
set transaction isolation level read committed;
set lock_timeout 1000;
begin transaction;
declare @Told table (place int not null primary key, error nvarchar(max), signature nvarchar(max), response_headers nvarchar(max));
insert into @Told (place, error, signature, response_headers)
select t.place, replace(replace(replace(replace(replace(replace(t.error collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.signature collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.response_headers collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126))
from openjson(@RecordTexts) with (place int '$.place', error nvarchar(max) '$.error',
    signature nvarchar(max) '$.signature', response_headers nvarchar(max) '$.response_headers') t;

declare @Held table (id bigint not null, lease_seq bigint not null, primary key (id, lease_seq));
declare @Finished table (id bigint not null primary key, lease_seq bigint not null, event_id bigint not null,
    webhook_id bigint not null, attempts int not null, created_at bigint not null);

delete q
output deleted.id, deleted.lease_seq, deleted.event_id, deleted.webhook_id, deleted.attempts, deleted.created_at
    into @Finished (id, lease_seq, event_id, webhook_id, attempts, created_at)
from webhooks.webhook_queue q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
where r.finishes = 1 and q.claimed_at is not null;

update q set claimed_at = null
output inserted.id, inserted.lease_seq into @Held (id, lease_seq)
from webhooks.webhook_queue q with (forceseek, rowlock) join @Records r on r.id = q.id and r.lease_seq = q.lease_seq
where r.finishes = 0 and q.claimed_at is not null;

update q
set due_at = r.moment,
    claims = case when r.number is null then q.claims - 1 else 0 end,
    attempts = case when r.number is null then q.attempts else r.number end,
    outcome = case when r.number is null then q.outcome else r.outcome end,
    status_code = case when r.number is null then q.status_code else r.status_code end,
    attempted_at = case when r.number is null then q.attempted_at else r.started_at + r.duration_ms end
from webhooks.webhook_queue q with (forceseek, rowlock) join @Held h on h.id = q.id
join @Records r on r.id = h.id and r.lease_seq = h.lease_seq;

insert into webhooks.webhook_attempts (delivery_id, number, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select r.id, r.number, r.outcome, r.status_code, r.started_at, r.duration_ms, r.url_number, t.error, t.signature, t.response_headers, r.response_body, r.response_truncated
from @Records r join @Held h on h.id = r.id and h.lease_seq = r.lease_seq join @Told t on t.place = r.place
where r.number is not null;

insert into webhooks.webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, r.number, f.created_at, r.moment, r.outcome, r.status_code, r.started_at, r.duration_ms, r.url_number, t.error, t.signature, t.response_headers, r.response_body, r.response_truncated
from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq join @Told t on t.place = r.place
where r.number is not null;

if exists (select 1 from @Records r where r.finishes = 1 and r.number is null)
begin
    insert into webhooks.webhook_deliveries
        (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
    select f.id, f.event_id, f.webhook_id, r.status, f.lease_seq, f.attempts, f.created_at, r.moment,
           a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
           coalesce(a.response_truncated, 0)
    from @Finished f join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
    left join webhooks.webhook_attempts a with (forceseek) on a.delivery_id = f.id and a.number = f.attempts
    where r.number is null;

    delete a
    from webhooks.webhook_attempts a with (forceseek, rowlock) join @Finished f on f.id = a.delivery_id and f.attempts = a.number
    join @Records r on r.id = f.id and r.lease_seq = f.lease_seq
    where r.number is null;
end;

insert into @Held (id, lease_seq) select f.id, f.lease_seq from @Finished f;

update a
set outcome = r.outcome, status_code = r.status_code, started_at = r.started_at, duration_ms = r.duration_ms,
    url_number = r.url_number, error = t.error, signature = t.signature, response_headers = t.response_headers, response_body = r.response_body,
    response_truncated = r.response_truncated
from webhooks.webhook_attempts a with (forceseek, rowlock) join @Records r on r.id = a.delivery_id and r.number = a.number
join @Told t on t.place = r.place
where a.outcome = 17
  and not exists (select 1 from @Held h where h.id = r.id and h.lease_seq = r.lease_seq);

select h.id, h.lease_seq from @Held h;
commit transaction;

-- An outcome comes too late: nothing new

-- Deliveries are claimed whose leases have ended: nothing new

-- A delivery is finished without an attempt: nothing new

-- A delivery is parked: nothing new

-- The log is listed

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- A page of the log is read, with payloads

select * from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (3,2,1) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3,2,1) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- The log is listed by every filter there is

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and e.tenant = @Tenant and d.webhook_id = @WebhookId and w.uid = @WebhookUid and w.url = @WebhookUrl and w.created_by = @WebhookCreatedBy and e.uid = @EventUid and e.uid in (@EventUid0) and e.trigger_name = @Trigger and d.status_code = @StatusCode and d.outcome in (2) and d.attempts >= @AttemptsFrom and d.attempts <= @AttemptsTo and d.created_at >= @CreatedFrom and d.created_at <= @CreatedTo and d.attempted_at >= @AttemptedFrom and d.attempted_at <= @AttemptedTo and (d.attempts = 0 or (d.attempts > 0 and d.status_code is null) or d.status_code between 200 and 299 or d.status_code between 300 and 399 or d.status_code between 400 and 499 or d.status_code >= 500) and ((d.attempts = 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null) or (d.claimed_at is not null and d.due_at > @Now) or (d.attempts > 0 and (d.claimed_at is null or d.due_at <= @Now) and d.due_at is not null) or d.due_at is null or 1 = 0 or 1 = 0 or 1 = 0 or 1 = 0) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.tenant = @Tenant and d.webhook_id = @WebhookId and w.uid = @WebhookUid and w.url = @WebhookUrl and w.created_by = @WebhookCreatedBy and e.uid = @EventUid and e.uid in (@EventUid0) and e.trigger_name = @Trigger and d.status_code = @StatusCode and d.outcome in (2) and d.attempts >= @AttemptsFrom and d.attempts <= @AttemptsTo and d.created_at >= @CreatedFrom and d.created_at <= @CreatedTo and (d.started_at + d.duration_ms) >= @AttemptedFrom and (d.started_at + d.duration_ms) <= @AttemptedTo and (d.attempts = 0 or (d.attempts > 0 and d.status_code is null) or d.status_code between 200 and 299 or d.status_code between 300 and 399 or d.status_code between 400 and 499 or d.status_code >= 500) and (d.status = 4 or d.status = 5 or d.status = 6 or d.status = 7) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- The log is counted

select count(*) from (select * from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId order by d.id desc offset @Offset rows fetch next @Limit rows only) finished) found;

-- Deliveries and their attempts are found

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (1) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (1) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (1,2) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (1,2) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, a.number as Number, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhooks.webhook_attempts a
join (select id, event_id, webhook_id from webhooks.webhook_queue where id = @Id
      union all select id, event_id, webhook_id from webhooks.webhook_deliveries where id = @Id) d on d.id = a.delivery_id
join webhooks.webhook_events e on e.id = d.event_id
where a.delivery_id = @Id
union all
select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, d.attempts as Number, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id = @Id and d.outcome is not null;

-- Events are found and listed

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize, e.payload as Payload from webhooks.webhook_events e where e.uid = @Uid;

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize from webhooks.webhook_events e where e.id < @BeforeId order by e.id desc offset @Offset rows fetch next @Limit rows only;

select e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize from webhooks.webhook_events e where e.id < @BeforeId and e.tenant = @Tenant and e.trigger_name = @Trigger and e.created_at >= @From and e.created_at <= @To order by e.id desc offset @Offset rows fetch next @Limit rows only;

-- A delivery is cancelled

update webhooks.webhook_queue set claims = -1 where id = @Id and (due_at is null or claimed_at is null or due_at <= @Now);

select 0 as Finished, case when due_at > @Now and claimed_at is not null then 1 else 0 end as Leased
from webhooks.webhook_queue where id = @Id
union all
select 1 as Finished, 0 as Leased from webhooks.webhook_deliveries where id = @Id;

-- Deliveries are retried

update webhooks.webhook_deliveries set attempts = attempts where id = @Id;

update webhooks.webhook_queue set attempts = attempts where id = @Id and ((claimed_at is null or due_at <= @Now) or due_at is null);

select count(*) from webhooks.webhook_queue where id = @Id and claimed_at is not null and due_at > @Now;

select d.finished as Finished, d.leased as Leased, case when w.deleted_at is null then 0 else 1 end as Deleted,
       w.enabled as Enabled, case when e.payload is null then 1 else 0 end as PayloadExpired
from (select event_id, webhook_id, 0 as finished, case when (claimed_at is null or due_at <= @Now) or due_at is null then 0 else 1 end as leased
      from webhooks.webhook_queue where id = @Id
      union all
      select event_id, webhook_id, 1, 0 from webhooks.webhook_deliveries where id = @Id) d
join webhooks.webhooks w on w.id = d.webhook_id
join webhooks.webhook_events e on e.id = d.event_id;

update webhooks.webhook_queue set due_at = @Now where id = @Id;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (3) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

update webhooks.webhook_events set created_at = created_at where id = (select event_id from webhooks.webhook_deliveries where id = @Id);

set identity_insert webhooks.webhook_queue on; insert into webhooks.webhook_queue
    (id, event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at, outcome, status_code, attempted_at)
select id, event_id, webhook_id, @Now, lease_seq, 0, attempts, created_at, outcome, status_code, started_at + duration_ms
from webhooks.webhook_deliveries where id = @Id; set identity_insert webhooks.webhook_queue off;

insert into webhooks.webhook_attempts
    (delivery_id, number, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select id, attempts, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated from webhooks.webhook_deliveries where id = @Id and outcome is not null;

delete from webhooks.webhook_deliveries where id = @Id;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and d.id in (2) order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated, e.payload as Payload
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (2) order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- An event is sent again

select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_queue d where d.event_id = (select e.id from webhooks.webhook_events e where e.uid = @EventUid)
union
select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_deliveries d where d.event_id = (select e.id from webhooks.webhook_events e where e.uid = @EventUid);

-- An event is sent to one more webhook

select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_queue d where d.event_id = (select e.id from webhooks.webhook_events e where e.uid = @EventUid) and d.webhook_id = @WebhookId
union
select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_deliveries d where d.event_id = (select e.id from webhooks.webhook_events e where e.uid = @EventUid) and d.webhook_id = @WebhookId;

update webhooks.webhook_events set created_at = created_at where uid = @EventUid;

select e.id as EventId, case when e.payload is null then 1 else 0 end as PayloadExpired,
       case when w.deleted_at is null then 0 else 1 end as Deleted, w.enabled as Enabled
from webhooks.webhook_events e join webhooks.webhooks w on w.tenant = e.tenant
where e.uid = @EventUid and w.id = @WebhookId;

select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_queue d where d.event_id = @EventId and d.webhook_id = @WebhookId
union
select d.id as Id, d.webhook_id as WebhookId from webhooks.webhook_deliveries d where d.event_id = @EventId and d.webhook_id = @WebhookId;

insert into webhooks.webhook_queue (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
select e.id, @WebhookId, @Now, 0, 0, 0, @Now from webhooks.webhook_events e where e.id = @EventId;

-- A test event is sent

select id, failures, failing_since, warnings, successes, window_at, window_attempts, window_failures, breaker, breaker_seq, openings, paused_until, pause_reason, slow_start from webhooks.webhooks where id = @WebhookId and deleted_at is null;

-- A webhook is disabled

update webhooks.webhooks set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
where id = @Id and deleted_at is null;

update webhooks.webhook_queue set due_at = null where webhook_id = @WebhookId and due_at is not null and (claimed_at is null or due_at <= @Now);

-- A webhook is enabled, and what was parked is sent

select coalesce(max(ids.id), 0) from (select max(id) as id from webhooks.webhook_queue union all select max(id) as id from webhooks.webhook_deliveries) ids;

select count(*) from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc offset @Offset rows fetch next @Limit rows only) found;

insert into webhooks.webhook_operations
    (uid, tenant, kind, status, due_at, lease_seq, rate, before_id, matched, matched_is_at_least, done, under_way, webhook_disabled,
     webhook_deleted, payload_expired, already_finished, gone, created_at, updated_at, created_by, start_key, filter)
values (@Uid, @Tenant, @Kind, 0, @Now, 0, @Rate, @BeforeId, @Matched, @MatchedIsAtLeast, 0, 0, 0, 0, 0, 0, 0, @Now, @Now,
        @CreatedBy, @StartKey, @Filter);

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhooks.webhook_operations o where o.uid = @Key;

-- An operation is previewed

select count(*) from (select * from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) finished) found;

select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, cast(null as integer) as Status, d.due_at as DueAt, d.claimed_at as ClaimedAt,
       cast(null as bigint) as FinishedAt, a.outcome as Outcome, a.status_code as StatusCode, a.started_at as StartedAt, a.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = a.url_number) as Url,
a.error as Error, a.signature as Signature, a.response_headers as ResponseHeaders,
a.response_body as ResponseBody, a.response_truncated as ResponseTruncated
from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id left join webhooks.webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id, e.uid as EventUid, e.trigger_name as TriggerName, e.tenant as Tenant, d.webhook_id as WebhookId, w.uid as WebhookUid,
w.name as WebhookName, w.retry_delays as RetryDelays, w.paused_until as PausedUntil, w.pause_reason as PauseReason, d.attempts as Attempts, d.created_at as CreatedAt, d.attempts as Number, d.status as Status, cast(null as bigint) as DueAt, cast(null as bigint) as ClaimedAt,
       d.finished_at as FinishedAt, d.outcome as Outcome, d.status_code as StatusCode, d.started_at as StartedAt, d.duration_ms as DurationMs,
(select u.url from webhooks.webhook_urls u where u.webhook_id = d.webhook_id and u.number = d.url_number) as Url,
d.error as Error, d.signature as Signature, d.response_headers as ResponseHeaders,
d.response_body as ResponseBody, d.response_truncated as ResponseTruncated
from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- An operation is started: nothing new

-- An operation with an idempotency key is started

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhooks.webhook_operations o where o.start_key = @Key;

-- Operations are found and listed

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhooks.webhook_operations o where o.id < @BeforeId
order by o.id desc offset @Offset rows fetch next @Limit rows only;

-- Operations are claimed

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhooks.webhook_operations o where o.due_at <= @Now
order by o.due_at, o.id offset @Offset rows fetch next @Limit rows only;

update webhooks.webhook_operations set due_at = @LeaseEnd, lease_seq = lease_seq + 1
where id = @Id and lease_seq = @LeaseSequence and due_at <= @Now and status = 0;

-- A step of an operation is done

select o.id as Id, o.uid as Uid, o.tenant as Tenant, o.kind as Kind, o.status as Status, o.lease_seq as LeaseSequence, o.rate as Rate,
o.before_id as BeforeId, o.matched as Matched, o.matched_is_at_least as MatchedIsAtLeast, o.done as Done, o.under_way as UnderWay,
o.webhook_disabled as WebhookDisabled, o.webhook_deleted as WebhookDeleted, o.payload_expired as PayloadExpired,
o.already_finished as AlreadyFinished, o.gone as Gone, o.created_at as CreatedAt, o.updated_at as UpdatedAt, o.finished_at as FinishedAt,
o.created_by as CreatedBy, o.filter as Filter, o.error as Error from webhooks.webhook_operations o where o.id = @Id and o.lease_seq = @LeaseSequence and o.status = 0;

select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.webhook_id = @WebhookId and (d.due_at is null) and d.id >= @FromId order by d.id desc offset @Offset rows fetch next @Limit rows only;

update webhooks.webhook_operations set due_at = @LeaseEnd where id = @Id and lease_seq = @LeaseSequence and status = 0;

select before_id from webhooks.webhook_operations where id = @Id;

select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6) and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc offset @Offset rows fetch next @Limit rows only;

update webhooks.webhook_operations
set before_id = @BeforeId, updated_at = @Now, done = done + @Done, under_way = under_way + @UnderWay,
    webhook_disabled = webhook_disabled + @WebhookDisabled, webhook_deleted = webhook_deleted + @WebhookDeleted,
    payload_expired = payload_expired + @PayloadExpired, already_finished = already_finished + @AlreadyFinished, gone = gone + @Gone
    
where id = @Id;

-- Its last step is done

select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (3,2,1) and d.webhook_id = @WebhookId and (d.due_at is null) order by d.id desc offset @Offset rows fetch next @Limit rows only;

update webhooks.webhook_operations
set before_id = @BeforeId, updated_at = @Now, done = done + @Done, under_way = under_way + @UnderWay,
    webhook_disabled = webhook_disabled + @WebhookDisabled, webhook_deleted = webhook_deleted + @WebhookDeleted,
    payload_expired = payload_expired + @PayloadExpired, already_finished = already_finished + @AlreadyFinished, gone = gone + @Gone
    , status = 1, due_at = null, finished_at = @Now
where id = @Id;

-- Another one cancels

select * from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger and d.id >= @FromId order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and e.trigger_name = @Trigger and d.id >= @FromId order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

select * from (select d.id as Id from webhooks.webhook_queue d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6,5,4,3,2,1) and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) unfinished union all select * from (select d.id as Id from webhooks.webhook_deliveries d join webhooks.webhook_events e on e.id = d.event_id join webhooks.webhooks w on w.id = d.webhook_id where d.id < @BeforeId and d.id in (6,5,4,3,2,1) and e.trigger_name = @Trigger order by d.id desc offset @Offset rows fetch next @Limit rows only) finished;

-- An operation is stopped

update webhooks.webhook_operations
set status = 2, due_at = null, updated_at = @Now, finished_at = @Now
where uid = @Uid and status = 0;

-- An operation is given back

update webhooks.webhook_operations set due_at = @DueAt where id = @Id and lease_seq = @LeaseSequence and status = 0;

-- An operation has failed

update webhooks.webhook_operations set status = 3, due_at = null, updated_at = @Now, finished_at = @Now, error = @Error where id = @Id and lease_seq = @LeaseSequence and status = 0;

-- Figures are added

update webhooks.webhook_state set value = value where name = 'stats';

update webhooks.webhook_stats
set delivered = delivered + @Delivered, failed = failed + @Failed, exhausted = exhausted + @Exhausted, duration_ms = duration_ms + @DurationMs
where resolution = @Resolution and bucket_at = @At and webhook_id = @WebhookId;

insert into webhooks.webhook_stats (resolution, bucket_at, webhook_id, delivered, failed, exhausted, duration_ms)
values (@Resolution, @At, @WebhookId, @Delivered, @Failed, @Exhausted, @DurationMs);

-- The overview is read

select s.bucket_at as At, cast(sum(s.delivered) as bigint) as Delivered, cast(sum(s.failed) as bigint) as Failed, cast(sum(s.exhausted) as bigint) as Exhausted,
cast(sum(s.duration_ms) as bigint) as DurationMs
from webhooks.webhook_stats s where s.resolution = @Resolution and s.bucket_at >= @From
group by s.bucket_at;

select f.*, w.uid as Uid, w.name as Name
from (select s.webhook_id as WebhookId, cast(sum(s.delivered) as bigint) as Delivered, cast(sum(s.failed) as bigint) as Failed, cast(sum(s.exhausted) as bigint) as Exhausted,
cast(sum(s.duration_ms) as bigint) as DurationMs
      from webhooks.webhook_stats s where s.resolution = @Resolution and s.bucket_at >= @From
      group by s.webhook_id having sum(s.failed) > 0) f
join webhooks.webhooks w on w.id = f.WebhookId and w.deleted_at is null
order by f.Failed desc, f.WebhookId offset @Offset rows fetch next @Limit rows only;

select x.Status, count(*) as Found
from (select case when q.due_at is null then 3
                  when q.claimed_at is not null and q.due_at > @Now then 1
                  when q.attempts = 0 then 0
                  else 2 end as Status
      from webhooks.webhook_queue q where 1 = 1 order by q.id offset @Offset rows fetch next @Limit rows only) x
group by x.Status;

select min(x.due_at)
from (select (select min(q.due_at) from webhooks.webhook_queue q where q.webhook_id = w.id and q.due_at is not null) as due_at
      from webhooks.webhooks w where 1 = 1) x
where x.due_at <= @Now;

-- Old figures are deleted

delete from webhooks.webhook_stats
where resolution = @Resolution
  and bucket_at = (select min(s.bucket_at) from webhooks.webhook_stats s where s.resolution = @Resolution and s.bucket_at < @Before);

-- A webhook is deleted

update webhooks.webhooks set deleted_at = @Now, enabled = 0, breaker = 0, paused_until = null where id = @Id;

update webhooks.webhook_queue set claims = -1 where webhook_id = @Id and (due_at is null or claimed_at is null or due_at <= @Now);

insert into webhooks.webhook_attempts (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
select q.id, q.attempts + 1, 17, q.claimed_at,
       case when @Now <= q.claimed_at then 0 when @Now - q.claimed_at > 2147483647 then 2147483647 else @Now - q.claimed_at end, @Interrupted, 0
from webhooks.webhook_queue q where q.webhook_id = @Id and q.claims = -1 and q.claimed_at is not null;

update webhooks.webhook_queue set attempts = attempts + 1
where id in (select q.id from webhooks.webhook_queue q where q.webhook_id = @Id and q.claims = -1 and q.claimed_at is not null);

insert into webhooks.webhook_deliveries
    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, outcome, status_code, started_at, duration_ms, url_number, error, signature, response_headers, response_body, response_truncated)
select q.id, q.event_id, q.webhook_id, @Status, q.lease_seq, q.attempts, q.created_at, @Now,
       a.outcome, a.status_code, a.started_at, a.duration_ms, a.url_number, a.error, a.signature, a.response_headers, a.response_body,
       coalesce(a.response_truncated, 0)
from webhooks.webhook_queue q left join webhooks.webhook_attempts a on a.delivery_id = q.id and a.number = q.attempts
where q.webhook_id = @Id and q.claims = -1;

delete from webhooks.webhook_attempts
where delivery_id in (select q.id from webhooks.webhook_queue q where q.webhook_id = @Id and q.claims = -1)
  and number = (select q.attempts from webhooks.webhook_queue q where q.id = delivery_id);

delete from webhooks.webhook_queue where webhook_id = @Id and claims = -1;

-- What is old is deleted

set nocount on;
set xact_abort on;
set transaction isolation level read committed;
set lock_timeout 1000;
begin transaction;
declare @Version bigint = (select value from webhooks.webhook_state where name = N'catalogue');
declare @Stored table (uid uniqueidentifier not null primary key, id bigint not null, known int not null);
declare @Named table (place int not null primary key, trigger_name nvarchar(128) collate Latin1_General_100_BIN2 not null,
    tenant nvarchar(100) collate Latin1_General_100_BIN2 not null, target nvarchar(255) collate Latin1_General_100_BIN2,
    idempotency_key nvarchar(255) collate Latin1_General_100_BIN2, key_length int not null);

insert into @Named (place, trigger_name, tenant, target, idempotency_key, key_length)
select t.place, t.trigger_name, replace(replace(replace(replace(replace(replace(t.tenant collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.target collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), replace(replace(replace(replace(replace(replace(t.idempotency_key collate Latin1_General_100_BIN2, N'~5', nchar(9)), N'~4', nchar(13)), N'~3', nchar(10)), N'~2', nchar(92)), N'~1', nchar(34)), N'~0', nchar(126)), 0
from openjson(@EventTexts) with (place int '$.place', trigger_name nvarchar(max) '$.trigger_name', tenant nvarchar(max) '$.tenant',
    target nvarchar(max) '$.target', idempotency_key nvarchar(max) '$.idempotency_key') t;
update @Named set key_length = datalength(tenant) * 1000 + datalength(idempotency_key) where idempotency_key is not null;

insert into @Stored (uid, id, known)
select e.uid, e.id, 1 from @Events n join webhooks.webhook_events e with (forceseek) on e.uid = n.uid;

if exists (select 1 from @Stored)
begin
    update q set due_at = @Now, claims = 0, claimed_at = null
    from webhooks.webhook_queue q with (forceseek, rowlock) join @Stored s on s.id = q.event_id
    where q.lease_seq = 1 and q.claimed_at = q.created_at;
end;

insert into webhooks.webhook_events (uid, trigger_name, tenant, target, idempotency_key, key_length, created_at, payload_size, payload)
output inserted.uid, inserted.id, 0 into @Stored (uid, id, known)
select n.uid, n.trigger_name, n.tenant, n.target, n.idempotency_key, n.key_length, @Now, datalength(n.payload), n.payload
from (select f.place, f.uid, t.trigger_name, t.tenant, t.target, t.idempotency_key, t.key_length, f.payload,
             row_number() over (partition by t.tenant, t.idempotency_key, t.key_length,
                                case when t.idempotency_key is null then f.place end order by f.place) as turn
      from @Events f join @Named t on t.place = f.place where f.catalogue_version = @Version) n
where n.turn = 1
  and not exists (select 1 from @Stored s where s.uid = n.uid)
  and not exists (select 1 from webhooks.webhook_events e
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
left join webhooks.webhook_events e on s.uid is null and n.catalogue_version = @Version and e.tenant = t.tenant
    and e.idempotency_key = t.idempotency_key and e.key_length = t.key_length and e.idempotency_key is not null;
commit transaction;

select t.id as Id, t.created_at as CreatedAt, case when t.created_at < @Before and t.has_payload = 1 and not exists (select 1 from webhooks.webhook_queue q where q.event_id = t.id) then 1 else 0 end as IsOld
from (select x.id, x.created_at, case when x.payload is null then 0 else 1 end as has_payload from webhooks.webhook_events x where x.id > @After order by x.id offset @Offset rows fetch next @Limit rows only) t
order by t.id;

update webhooks.webhook_events set created_at = created_at where id in (1,2,3,5,6);

update webhooks.webhook_events set payload = null where id in (1,2,3,5,6) and payload is not null and not exists (select 1 from webhooks.webhook_queue q where q.event_id = webhooks.webhook_events.id);

select t.id as Id, t.created_at as CreatedAt, case when t.finished_at < @Before then 1 else 0 end as IsOld
from (select x.id, x.created_at, x.finished_at from webhooks.webhook_deliveries x where x.id > @After order by x.id offset @Offset rows fetch next @Limit rows only) t
order by t.id;

delete from webhooks.webhook_deliveries where id in (1,2,3,5,6) and finished_at < @Before;

delete from webhooks.webhook_attempts
where delivery_id in (1,2,3,5,6)
  and not exists (select 1 from webhooks.webhook_queue q where q.id = webhooks.webhook_attempts.delivery_id)
  and not exists (select 1 from webhooks.webhook_deliveries d where d.id = webhooks.webhook_attempts.delivery_id);

select t.id as Id, t.created_at as CreatedAt, case when t.created_at < @Before and not exists (select 1 from webhooks.webhook_queue q where q.event_id = t.id) and not exists (select 1 from webhooks.webhook_deliveries d where d.event_id = t.id) then 1 else 0 end as IsOld
from (select x.id, x.created_at, x.payload_size from webhooks.webhook_events x where x.id > @After order by x.id offset @Offset rows fetch next @Limit rows only) t
order by t.id;

delete from webhooks.webhook_events where id in (1,2,3,5,6) and not exists (select 1 from webhooks.webhook_queue q where q.event_id = webhooks.webhook_events.id) and not exists (select 1 from webhooks.webhook_deliveries d where d.event_id = webhooks.webhook_events.id);

update webhooks.webhook_urls set last_delivery_id = (select coalesce(max(ids.id), 0) from (select max(id) as id from webhooks.webhook_queue union all select max(id) as id from webhooks.webhook_deliveries) ids) where replaced_at < @Before and last_delivery_id is null;

select webhook_id as WebhookId, min(last_delivery_id) as LowestNote, max(last_delivery_id) as HighestNote
from webhooks.webhook_urls where replaced_at < @Before and last_delivery_id is not null group by webhook_id;

select min(d.id) from webhooks.webhook_queue d where d.webhook_id = @WebhookId and d.id <= @HighestNote;

select min(d.id) from webhooks.webhook_deliveries d where d.webhook_id = @WebhookId and d.id <= @HighestNote;

delete from webhooks.webhook_operations where finished_at < @Before;

delete from webhooks.webhook_secrets where expires_at <= @Now;

-- The version of the schema is read: nothing new

