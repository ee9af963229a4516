using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Gives deliveries up that a person names. Leased ones are left alone: they end first.</summary>
internal sealed class CancelRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    // A number of claims that no row has.
    private const int Taken = -1;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>Where the row has no tenant of its own: its webhook's.</summary>
    private string Mine => scope.Tenant is null
        ? ""
        : $" and webhook_id in (select w.id from {_tables.Webhooks} w where w.tenant = @ScopeTenant)";

    public CancelRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    public Task<IReadOnlyList<WebhookCancellation>> CancelAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<WebhookCancellation>>(
            async (connection, transaction) =>
            {
                // By their numbers, so that two people who cancel the same ones never wait for each other in a circle.
                var results = new Dictionary<long, WebhookCancelResult>();
                foreach (var id in ids.Distinct().Order())
                {
                    results.Add(id, await CancelAsync(id, connection, transaction));
                }

                return [.. ids.Distinct().Select(id => new WebhookCancellation(id, results[id]))];
            },
            cancellationToken);

    /// <summary>Finishes one delivery as cancelled, in a transaction of the caller's.</summary>
    public async Task<WebhookCancelResult> CancelAsync(long id, DbConnection connection, DbTransaction transaction)
    {
        var parameters = new
        {
            Id = id,
            clock.Now,
            Status = (int)WebhookDeliveryStatus.Cancelled,
            Interrupted = LeasedDelivery.InterruptedError,
            ScopeTenant = scope.Tenant,
        };

        // It may be moved or given back between two looks, by an outcome or by somebody's retry.
        for (var look = 0; look < 3; look++)
        {
            if (await TakeAsync(parameters, connection, transaction))
            {
                var taken = $"q.id = @Id and q.claims = {Taken}";
                await connection.ExecuteAsync(QueueStatements.Interrupt(_tables, taken), parameters, transaction);
                await connection.ExecuteAsync(QueueStatements.CountInterrupted(_tables, taken), parameters, transaction);
                await connection.ExecuteAsync(QueueStatements.Finish(_tables, taken), parameters, transaction);
                await connection.ExecuteAsync(QueueStatements.DropLastAttempt(_tables, taken), parameters, transaction);
                await connection.ExecuteAsync($"delete from {_tables.Queue} where id = @Id and claims = {Taken}", parameters, transaction);
                return WebhookCancelResult.Cancelled;
            }

            switch (await FindAsync(parameters, connection, transaction))
            {
                case null:
                    return WebhookCancelResult.NotFound;
                case { Finished: true }:
                    return WebhookCancelResult.AlreadyFinished;
                case { Leased: true }:
                    return WebhookCancelResult.UnderWay;
            }
        }

        return WebhookCancelResult.UnderWay;
    }

    /// <summary>
    /// Marks the row, if nobody has it, and thereby locks it: nobody claims, retries or finishes it until the commit, and a lease that ends between two
    /// statements does not change which row they are about. False where it is leased, or not in the queue.
    /// </summary>
    private async Task<bool> TakeAsync(object parameters, DbConnection connection, DbTransaction transaction) =>
        await connection.ExecuteAsync(
            $"""
            update {_tables.Queue} set claims = {Taken}
            where id = @Id and (due_at is null or claimed_at is null or due_at <= @Now){Mine}
            """,
            parameters,
            transaction) == 1;

    private Task<FoundRow?> FindAsync(object parameters, DbConnection connection, DbTransaction transaction) =>
        connection.QuerySingleOrDefaultAsync<FoundRow?>(
            $"""
            select 0 as Finished, case when due_at > @Now and claimed_at is not null then 1 else 0 end as Leased
            from {_tables.Queue} where id = @Id{Mine}
            union all
            select 1 as Finished, 0 as Leased from {_tables.Deliveries} where id = @Id{Mine}
            """,
            parameters,
            transaction);

    private sealed class FoundRow
    {
        public bool Finished { get; init; }

        public bool Leased { get; init; }
    }
}
