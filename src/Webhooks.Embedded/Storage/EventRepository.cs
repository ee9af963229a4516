using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Reads published events. They are written by <see cref="StoreWriter"/> alone.</summary>
internal sealed class EventRepository(WebhookDatabase database, TenantScope scope = default)
{
    private readonly WebhookTables _tables = database.Dialect.Tables;

    private string Columns { get; } =
        """
        e.id as Id, e.uid as Uid, e.trigger_name as TriggerName, e.tenant as Tenant, e.target as Target,
        e.idempotency_key as IdempotencyKey, e.created_at as CreatedAt, e.payload_size as PayloadSize
        """;

    public EventRepository ForTenant(string tenant) => new(database, scope.To(tenant));

    public Task<WebhookEvent?> FindAsync(Guid uid, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (await connection.QuerySingleOrDefaultAsync<EventRow>(
                $"select {Columns}, e.payload as Payload from {_tables.Events} e where e.uid = @Uid{scope.And("e.tenant")}",
                new { Uid = database.Dialect.ToColumn(uid), ScopeTenant = scope.Tenant }))?.ToEvent(),
            cancellationToken);

    /// <summary>The newest events first, with the number to go on from.</summary>
    public Task<IReadOnlyList<(long Id, WebhookEvent Event)>> ListAsync(
        WebhookEventQuery query, long beforeId, CancellationToken cancellationToken)
    {
        var where = new SqlFilter("e.id < @BeforeId" + scope.And("e.tenant"));
        where.Add(query.Tenant is not null, "e.tenant = @Tenant");
        where.Add(query.Trigger is not null, "e.trigger_name = @Trigger");
        where.Add(query.PublishedFrom is not null, "e.created_at >= @From");
        where.Add(query.PublishedTo is not null, "e.created_at <= @To");

        var payload = query.IncludePayload ? ", e.payload as Payload" : "";
        return database.ReadAsync<IReadOnlyList<(long, WebhookEvent)>>(
            async connection =>
            [
                .. (await connection.QueryAsync<EventRow>(
                    $"select {Columns}{payload} from {_tables.Events} e {where} order by e.id desc {database.Dialect.Page}",
                    new
                    {
                        BeforeId = beforeId,
                        Tenant = StoredText.Clean(query.Tenant),
                        ScopeTenant = scope.Tenant,
                        Trigger = StoredText.Clean(query.Trigger),
                        From = StoredTime.Write(query.PublishedFrom),
                        To = StoredTime.Write(query.PublishedTo),
                        query.Limit,
                        Offset = 0,
                    }))
                    .Select(row => (row.Id, row.ToEvent())),
            ],
            cancellationToken);
    }

    private sealed class EventRow
    {
        public long Id { get; init; }

        public object Uid { get; init; } = "";

        public string TriggerName { get; init; } = "";

        public string Tenant { get; init; } = "";

        public string? Target { get; init; }

        public string? IdempotencyKey { get; init; }

        public long CreatedAt { get; init; }

        public int PayloadSize { get; init; }

        public byte[]? Payload { get; init; }

        public WebhookEvent ToEvent() => new()
        {
            Id = SqlDialect.ToGuid(Uid),
            Trigger = TriggerName,
            Tenant = Tenant,
            Target = Target,
            IdempotencyKey = IdempotencyKey,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            PayloadSize = PayloadSize,
            Payload = Payload is { } payload ? (ReadOnlyMemory<byte>?)payload : null,
        };
    }
}
