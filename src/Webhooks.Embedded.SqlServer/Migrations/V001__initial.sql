-- V001: the first schema, for SQL Server 2016 or newer and Azure SQL.
-- compatible from: 1
-- Runs once, in one transaction under the application lock; a process that dies in it leaves nothing behind.
-- Times are Unix milliseconds. Statuses and outcomes are the numbers of WebhookDeliveryStatus and WebhookAttemptOutcome.
-- What is compared is collated by code point: tenants, triggers and keys that differ in case differ, whatever the database's default.

-- Numbers of the store. 'catalogue' is raised by every change of a webhook, so that what nodes remember is known to be old; it begins anywhere,
-- so that it fits no other store. 'store' tells this store from every other. 'stats' is locked by who adds figures.
create table {schema}{prefix}webhook_state (
    name  nvarchar(50) collate Latin1_General_100_BIN2 not null primary key,
    value bigint       not null
);

insert into {schema}{prefix}webhook_state (name, value) values
    (N'catalogue', abs(cast(cast(newid() as varbinary(8)) as bigint) % 1000000000000)),
    (N'store', abs(cast(cast(newid() as varbinary(8)) as bigint) % 9007199254740991)),
    (N'stats', 0);

create table {schema}{prefix}webhooks (
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
create table {schema}{prefix}webhook_urls (
    webhook_id       bigint         not null,
    number           int            not null,
    url              nvarchar(2048) collate Latin1_General_100_BIN2 not null,
    replaced_at      bigint,         -- null: the current one
    last_delivery_id bigint,         -- noted by retention a while later: what is above went elsewhere
    primary key (webhook_id, number)
);

create index {prefix}webhook_urls_replaced on {schema}{prefix}webhook_urls (replaced_at) where replaced_at is not null;

create table {schema}{prefix}webhook_secrets (
    id         bigint        not null identity(1, 1) primary key,
    webhook_id bigint        not null,
    secret     nvarchar(max) not null,
    created_at bigint        not null,
    expires_at bigint                 -- null: the current one
);

create index {prefix}webhook_secrets_webhook on {schema}{prefix}webhook_secrets (webhook_id);

create table {schema}{prefix}webhook_events (
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

create index {prefix}webhook_events_created on {schema}{prefix}webhook_events (created_at); -- for lists by date
create unique index {prefix}webhook_events_key on {schema}{prefix}webhook_events (tenant, idempotency_key, key_length)
    where idempotency_key is not null;

-- Deliveries that are not finished: small and hot. A lease is a due time in the future and a sequence number that fences every later write.
create table {schema}{prefix}webhook_queue (
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

create index {prefix}webhook_queue_due on {schema}{prefix}webhook_queue (webhook_id, due_at);
create index {prefix}webhook_queue_parked on {schema}{prefix}webhook_queue (outcome, webhook_id) where due_at is null; -- for what waits for a readable secret
create index {prefix}webhook_queue_event on {schema}{prefix}webhook_queue (event_id);

-- Finished deliveries, append-only, each with its last attempt.
create table {schema}{prefix}webhook_deliveries (
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

create index {prefix}webhook_deliveries_webhook on {schema}{prefix}webhook_deliveries (webhook_id);
create index {prefix}webhook_deliveries_event on {schema}{prefix}webhook_deliveries (event_id);

-- Every attempt before the last one of a finished delivery; all attempts of one that is not finished.
create table {schema}{prefix}webhook_attempts (
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
create table {schema}{prefix}webhook_stats (
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
create table {schema}{prefix}webhook_operations (
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

create index {prefix}webhook_operations_due on {schema}{prefix}webhook_operations (due_at);
create unique index {prefix}webhook_operations_key on {schema}{prefix}webhook_operations (start_key) where start_key is not null;

-- What a batch sends, a table each; texts go beside them as JSON. A type cannot be altered: a later version makes a new one beside it, as
-- long as older nodes run.
create type {schema}{prefix}webhook_new_events as table (
    place             int              not null primary key,
    uid               uniqueidentifier not null,
    catalogue_version bigint           not null,
    payload           varbinary(max)   not null
);

create type {schema}{prefix}webhook_new_deliveries as table (
    place      int              not null primary key,
    event_uid  uniqueidentifier not null,
    webhook_id bigint           not null,
    leased     int              not null
);

create type {schema}{prefix}webhook_records as table (
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

create type {schema}{prefix}webhook_health as table (
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

create type {schema}{prefix}webhook_round as table (
    place      int    not null primary key,
    webhook_id bigint not null,
    most       int    not null -- deliveries to claim
);
