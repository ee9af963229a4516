using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Reads the figures of the overview: from the roll-ups and the queue, never from the log.</summary>
internal sealed class OverviewRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    private const string Sums =
        """
        cast(sum(s.delivered) as bigint) as Delivered, cast(sum(s.failed) as bigint) as Failed, cast(sum(s.exhausted) as bigint) as Exhausted,
        cast(sum(s.duration_ms) as bigint) as DurationMs
        """;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    public long Now => clock.Now;

    /// <summary>The rows of this tenant's webhooks.</summary>
    private string Mine(string column) => scope.Tenant is null
        ? ""
        : $" and {column} in (select w.id from {_tables.Webhooks} w where w.tenant = @ScopeTenant)";

    public OverviewRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    /// <summary>The sums of each minute or hour from a time on. Those in which nothing happened are not there.</summary>
    public Task<IReadOnlyList<FigureRow>> SeriesAsync(int resolution, long from, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FigureRow>>(
            async connection => (await connection.QueryAsync<FigureRow>(
                $"""
                select s.bucket_at as At, {Sums}
                from {_tables.Stats} s where s.resolution = @Resolution and s.bucket_at >= @From{Mine("s.webhook_id")}
                group by s.bucket_at
                """,
                new { Resolution = resolution, From = from, ScopeTenant = scope.Tenant })).AsList(),
            cancellationToken);

    /// <summary>The webhooks with the most failed attempts, the worst first. Of deleted ones nobody can mend anything.</summary>
    public Task<IReadOnlyList<FigureRow>> FailingAsync(int resolution, long from, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FigureRow>>(
            async connection => (await connection.QueryAsync<FigureRow>(
                $"""
                select f.*, w.uid as Uid, w.name as Name
                from (select s.webhook_id as WebhookId, {Sums}
                      from {_tables.Stats} s where s.resolution = @Resolution and s.bucket_at >= @From{Mine("s.webhook_id")}
                      group by s.webhook_id having sum(s.failed) > 0) f
                join {_tables.Webhooks} w on w.id = f.WebhookId and w.deleted_at is null
                order by f.Failed desc, f.WebhookId {database.Dialect.Page}
                """,
                new { Resolution = resolution, From = from, ScopeTenant = scope.Tenant, Limit = limit, Offset = 0 })).AsList(),
            cancellationToken);

    /// <summary>How many unfinished deliveries there are in each status, counted up to a number of all.</summary>
    public Task<IReadOnlyDictionary<WebhookDeliveryStatus, int>> BacklogAsync(int atMost, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<WebhookDeliveryStatus, int>>(
            async connection => (await connection.QueryAsync<BacklogRow>(
                $"""
                select x.Status, count(*) as Found
                from (select case when q.due_at is null then {(int)WebhookDeliveryStatus.Parked}
                                  when q.claimed_at is not null and q.due_at > @Now then {(int)WebhookDeliveryStatus.Leased}
                                  when q.attempts = 0 then {(int)WebhookDeliveryStatus.Pending}
                                  else {(int)WebhookDeliveryStatus.Retrying} end as Status
                      from {_tables.Queue} q where 1 = 1{Mine("q.webhook_id")} order by q.id {database.Dialect.Page}) x
                group by x.Status
                """,
                new { clock.Now, ScopeTenant = scope.Tenant, Limit = atMost, Offset = 0 }))
                .ToDictionary(row => (WebhookDeliveryStatus)row.Status, row => row.Found),
            cancellationToken);

    /// <summary>Since when the delivery is due that nobody has taken for the longest time; null where none is due.</summary>
    public Task<long?> OldestDueAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long?>(
                // A look at the index for each webhook, however long the queue is.
                $"""
                select min(x.due_at)
                from (select (select min(q.due_at) from {_tables.Queue} q where q.webhook_id = w.id and q.due_at is not null) as due_at
                      from {_tables.Webhooks} w where 1 = 1{scope.And("w.tenant")}) x
                where x.due_at <= @Now
                """,
                new { clock.Now, ScopeTenant = scope.Tenant }),
            cancellationToken);

    private sealed class BacklogRow
    {
        public int Status { get; init; }

        public int Found { get; init; }
    }
}

/// <summary>Sums of figures.</summary>
internal sealed class FigureRow
{
    public long At { get; init; }

    public long WebhookId { get; init; }

    public object Uid { get; init; } = "";

    public string Name { get; init; } = "";

    public long Delivered { get; init; }

    public long Failed { get; init; }

    public long Exhausted { get; init; }

    public long DurationMs { get; init; }

    public WebhookFigures ToFigures() => new()
    {
        Delivered = Delivered,
        FailedAttempts = Failed,
        Exhausted = Exhausted,
        MeanDuration = Delivered + Failed == 0 ? null : TimeSpan.FromMilliseconds((double)DurationMs / (Delivered + Failed)),
    };
}
