-- V001: the first schema, for SQLite 3.35 or newer.
-- compatible from: 1
-- Runs once, in one immediate transaction; a process that dies in it leaves nothing behind.
-- Times are Unix milliseconds. Statuses and outcomes are the numbers of WebhookDeliveryStatus and WebhookAttemptOutcome.

-- Numbers of the store. 'catalogue' is raised by every change of a webhook, so that what nodes remember is known to be old; it begins anywhere,
-- so that it fits no other store. 'store' tells this store from every other. 'stats' is locked by who adds figures.
create table {prefix}webhook_state (
    name  text    not null primary key,
    value integer not null
) without rowid;

insert into {prefix}webhook_state (name, value) values
    ('catalogue', abs(random() % 1000000000000)),
    ('store', abs(random() % 9007199254740991)),
    ('stats', 0);

create table {prefix}webhooks (
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
create table {prefix}webhook_urls (
    webhook_id       integer not null,
    number           integer not null,
    url              text    not null,
    replaced_at      integer,          -- null: the current one
    last_delivery_id integer,          -- noted by retention a while later: what is above went elsewhere
    primary key (webhook_id, number)
) without rowid;

create index {prefix}webhook_urls_replaced on {prefix}webhook_urls (replaced_at) where replaced_at is not null;

create table {prefix}webhook_secrets (
    id         integer not null primary key,
    webhook_id integer not null,
    secret     text    not null,
    created_at integer not null,
    expires_at integer                 -- null: the current one
);

create index {prefix}webhook_secrets_webhook on {prefix}webhook_secrets (webhook_id);

create table {prefix}webhook_events (
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

create index {prefix}webhook_events_created on {prefix}webhook_events (created_at); -- for lists by date
create unique index {prefix}webhook_events_key on {prefix}webhook_events (tenant, idempotency_key) where idempotency_key is not null;

-- Deliveries that are not finished: small and hot. A lease is a due time in the future and a sequence number that fences every later write.
create table {prefix}webhook_queue (
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

create index {prefix}webhook_queue_due on {prefix}webhook_queue (webhook_id, due_at) where due_at is not null;
create index {prefix}webhook_queue_parked on {prefix}webhook_queue (outcome, webhook_id) where due_at is null; -- for what waits for a readable secret
create index {prefix}webhook_queue_event on {prefix}webhook_queue (event_id);

-- Finished deliveries, append-only, each with its last attempt.
create table {prefix}webhook_deliveries (
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

create index {prefix}webhook_deliveries_webhook on {prefix}webhook_deliveries (webhook_id);
create index {prefix}webhook_deliveries_event on {prefix}webhook_deliveries (event_id);

-- Every attempt before the last one of a finished delivery; all attempts of one that is not finished.
create table {prefix}webhook_attempts (
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
create table {prefix}webhook_stats (
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
create table {prefix}webhook_operations (
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

create index {prefix}webhook_operations_due on {prefix}webhook_operations (due_at);
create unique index {prefix}webhook_operations_key on {prefix}webhook_operations (start_key) where start_key is not null;
