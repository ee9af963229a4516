using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Operations as people see them: start, look, stop. <see cref="OperationSteps"/> does the work.</summary>
internal sealed class OperationRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    private const int Running = (int)WebhookOperationStatus.Running;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    public OperationRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    /// <summary>Stores a new operation, due at once; where its idempotency key is taken, returns the one that has it.</summary>
    public async Task<WebhookOperation> InsertAsync(NewOperation operation, CancellationToken cancellationToken)
    {
        var key = operation.IdempotencyKey is { } given ? StartKey(given) : null;
        try
        {
            return await TryInsertAsync(operation, key, cancellationToken);
        }
        catch (WebhookStoreException) when (key is not null)
        {
            // Somebody else may have started it with the same key, at the same moment: the unique index let one of them through.
            return await FindAsync("o.start_key = @Key", key, cancellationToken) ?? await TryInsertAsync(operation, key, cancellationToken);
        }
    }

    public Task<WebhookOperation?> FindAsync(Guid uid, CancellationToken cancellationToken) =>
        FindAsync("o.uid = @Key", database.Dialect.ToColumn(uid), cancellationToken);

    /// <summary>The newest first, with the number to go on from.</summary>
    public Task<IReadOnlyList<(long Id, WebhookOperation Operation)>> ListAsync(long beforeId, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<(long, WebhookOperation)>>(
            async connection =>
            [
                .. (await connection.QueryAsync<OperationRow>(
                    $"""
                    select {OperationRow.Columns} from {_tables.Operations} o where o.id < @BeforeId{scope.And("o.tenant")}
                    order by o.id desc {database.Dialect.Page}
                    """,
                    new { BeforeId = beforeId, ScopeTenant = scope.Tenant, Limit = limit, Offset = 0 }))
                    .Select(row => (row.Id, row.ToOperation())),
            ],
            cancellationToken);

    /// <summary>Ends a running operation. A step that is under way ends first, for it has the row; the next one finds that it is not running.</summary>
    public async Task<WebhookOperation?> CancelAsync(Guid uid, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                update {_tables.Operations}
                set status = {(int)WebhookOperationStatus.Cancelled}, due_at = null, updated_at = @Now, finished_at = @Now
                where uid = @Uid and status = {Running}{scope.And("tenant")}
                """,
                new { Uid = database.Dialect.ToColumn(uid), clock.Now, ScopeTenant = scope.Tenant },
                transaction),
            cancellationToken);
        return await FindAsync(uid, cancellationToken);
    }

    private Task<WebhookOperation> TryInsertAsync(NewOperation operation, string? key, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                if (key is not null && await connection.QuerySingleOrDefaultAsync<OperationRow>(Select("o.start_key = @Key"), Parameters(key), transaction) is { } existing)
                {
                    return existing.ToOperation();
                }

                var uid = database.Dialect.ToColumn(Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(clock.Now)));
                await connection.ExecuteAsync(
                    $"""
                    insert into {_tables.Operations}
                        (uid, tenant, kind, status, due_at, lease_seq, rate, before_id, matched, matched_is_at_least, done, under_way, webhook_disabled,
                         webhook_deleted, payload_expired, already_finished, gone, created_at, updated_at, created_by, start_key, filter)
                    values (@Uid, @Tenant, @Kind, {Running}, @Now, 0, @Rate, @BeforeId, @Matched, @MatchedIsAtLeast, 0, 0, 0, 0, 0, 0, 0, @Now, @Now,
                            @CreatedBy, @StartKey, @Filter)
                    """,
                    new
                    {
                        Uid = uid,
                        scope.Tenant,
                        Kind = (int)operation.Kind,
                        clock.Now,
                        operation.Rate,
                        operation.BeforeId,
                        operation.Matched,
                        MatchedIsAtLeast = operation.MatchedIsAtLeast ? 1 : 0,
                        CreatedBy = StoredText.Clean(operation.CreatedBy),
                        StartKey = key,
                        Filter = StoredQuery.Write(operation.Query),
                    },
                    transaction);
                return (await connection.QuerySingleAsync<OperationRow>(Select("o.uid = @Key"), Parameters(uid), transaction)).ToOperation();
            },
            cancellationToken);

    private Task<WebhookOperation?> FindAsync(string condition, object key, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (await connection.QuerySingleOrDefaultAsync<OperationRow>(Select(condition), Parameters(key)))?.ToOperation(),
            cancellationToken);

    private string Select(string condition) => $"select {OperationRow.Columns} from {_tables.Operations} o where {condition}{scope.And("o.tenant")}";

    private object Parameters(object key) => new { Key = key, ScopeTenant = scope.Tenant };

    /// <summary>Tenants have keys of their own, and so have those who see all tenants. Hashed, it is of one length and compared exactly everywhere.</summary>
    private string StartKey(string key) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(scope.Tenant is null ? $"*\n{key}" : $"={scope.Tenant}\n{key}")));
}

/// <summary>An operation that is to be started.</summary>
internal sealed record NewOperation(
    WebhookOperationKind Kind,
    WebhookDeliveryQuery Query,
    int Rate,
    long BeforeId,
    int Matched,
    bool MatchedIsAtLeast,
    string? CreatedBy,
    string? IdempotencyKey);
