using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>The deliveries of one event: which there are, and one more for a webhook that has none of it.</summary>
internal sealed class EventDeliveries(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    private readonly WebhookTables _tables = database.Dialect.Tables;

    public EventDeliveries ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    /// <summary>The deliveries of an event in publishing order, all or one webhook's.</summary>
    public Task<IReadOnlyList<EventDelivery>> FindAsync(Guid eventUid, long? webhookId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<EventDelivery>>(
            async connection =>
            [
                .. (await connection.QueryAsync<EventDelivery>(
                    Deliveries(
                        $"d.event_id = (select e.id from {_tables.Events} e where e.uid = @EventUid{scope.And("e.tenant")})"
                        + (webhookId is null ? "" : " and d.webhook_id = @WebhookId")),
                    new { EventUid = database.Dialect.ToColumn(eventUid), WebhookId = webhookId, ScopeTenant = scope.Tenant }))
                    .OrderBy(delivery => delivery.Id),
            ],
            cancellationToken);

    /// <summary>
    /// Adds a delivery of an event for a webhook of the same tenant, due now, where it has none. Returns why not, or the delivery, which may be
    /// one that somebody else added in the same moment.
    /// </summary>
    public Task<(WebhookRetryResult Result, long? DeliveryId)> AddAsync(Guid eventUid, long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync<(WebhookRetryResult, long?)>(
            async (connection, transaction) =>
            {
                var parameters = new { EventUid = database.Dialect.ToColumn(eventUid), WebhookId = webhookId, clock.Now, ScopeTenant = scope.Tenant };

                // The event's row is kept until the commit: of several people who do this at once only one adds a delivery, and retention neither
                // deletes the event meanwhile nor erases its payload.
                await connection.ExecuteAsync(
                    $"update {_tables.Events} set created_at = created_at where uid = @EventUid{scope.And("tenant")}", parameters, transaction);
                var row = await connection.QuerySingleOrDefaultAsync<PairRow>(
                    $"""
                    select e.id as EventId, case when e.payload is null then 1 else 0 end as PayloadExpired,
                           case when w.deleted_at is null then 0 else 1 end as Deleted, w.enabled as Enabled
                    from {_tables.Events} e join {_tables.Webhooks} w on w.tenant = e.tenant
                    where e.uid = @EventUid and w.id = @WebhookId{scope.And("e.tenant")}
                    """,
                    parameters,
                    transaction);
                return row switch
                {
                    null => (WebhookRetryResult.NotFound, null),
                    { Deleted: true } => (WebhookRetryResult.WebhookDeleted, null),
                    { Enabled: false } => (WebhookRetryResult.WebhookDisabled, null),
                    { PayloadExpired: true } => (WebhookRetryResult.PayloadExpired, null),
                    _ => (WebhookRetryResult.Queued, await AddAsync(row.EventId, webhookId, connection, transaction)),
                };
            },
            cancellationToken);

    private async Task<long> AddAsync(long eventId, long webhookId, DbConnection connection, DbTransaction transaction)
    {
        var parameters = new { EventId = eventId, WebhookId = webhookId, clock.Now, ScopeTenant = scope.Tenant };
        var mine = scope.Tenant is null ? "" : $" and d.event_id in (select e.id from {_tables.Events} e where e.tenant = @ScopeTenant)";
        var find = Deliveries($"d.event_id = @EventId and d.webhook_id = @WebhookId{mine}");
        if (await connection.QuerySingleOrDefaultAsync<EventDelivery>(find, parameters, transaction) is { } there)
        {
            return there.Id;
        }

        // If the process dies before the commit, it never was; after it, any node claims it.
        await connection.ExecuteAsync(
            $"""
            insert into {_tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, attempts, created_at)
            select e.id, @WebhookId, @Now, 0, 0, 0, @Now from {_tables.Events} e where e.id = @EventId{scope.And("e.tenant")}
            """,
            parameters,
            transaction);
        return (await connection.QuerySingleAsync<EventDelivery>(find, parameters, transaction)).Id;
    }

    // The queue first: what is finished between two looks is then seen on the other side.
    private string Deliveries(string condition) =>
        $"""
        select d.id as Id, d.webhook_id as WebhookId from {_tables.Queue} d where {condition}
        union
        select d.id as Id, d.webhook_id as WebhookId from {_tables.Deliveries} d where {condition}
        """;

    private sealed class PairRow
    {
        public long EventId { get; init; }

        public bool PayloadExpired { get; init; }

        public bool Deleted { get; init; }

        public bool Enabled { get; init; }
    }
}

/// <summary>A delivery of an event, and for which webhook.</summary>
internal sealed class EventDelivery
{
    public long Id { get; init; }

    public long WebhookId { get; init; }
}
