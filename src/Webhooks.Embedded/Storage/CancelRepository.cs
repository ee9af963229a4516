using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Gives deliveries up: those that a person names, and those of a deleted webhook. Leased ones are left alone: they end first.</summary>
internal sealed class CancelRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    // A number of claims that no row has.
    private const int Taken = -1;

    // Parked, never claimed since the last outcome, or claimed by a node that let its lease end.
    private const string NotLeased = "(due_at is null or claimed_at is null or due_at <= @Now)";

    private readonly WebhookTables _tables = database.Dialect.Tables;

    private string Mine => scope.AndOfWebhook(_tables);

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

    /// <summary>Finishes what a webhook has in the queue, each with the last attempt where one was made.</summary>
    public Task<int> CancelOfWebhookAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                // The rows are taken first, by a mark that nobody else sees: a lease that ends between two statements must not change which rows they are about.
                var parameters = Parameters(webhookId);
                await connection.ExecuteAsync(
                    $"update {_tables.Queue} set claims = {Taken} where webhook_id = @Id and {NotLeased}{Mine}", parameters, transaction);
                return await FinishTakenAsync("webhook_id", parameters, connection, transaction);
            },
            cancellationToken);

    /// <summary>Finishes one delivery as cancelled, in a transaction of the caller's.</summary>
    public async Task<WebhookCancelResult> CancelAsync(long id, DbConnection connection, DbTransaction transaction)
    {
        var parameters = Parameters(id);

        // It may be moved or given back between two looks, by an outcome or by somebody's retry.
        for (var look = 0; look < 3; look++)
        {
            if (await TakeAsync(parameters, connection, transaction))
            {
                await FinishTakenAsync("id", parameters, connection, transaction);
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
            $"update {_tables.Queue} set claims = {Taken} where id = @Id and {NotLeased}{Mine}", parameters, transaction) == 1;

    /// <summary>Moves the marked rows to what is finished. Returns how many there were.</summary>
    private async Task<int> FinishTakenAsync(string key, object parameters, DbConnection connection, DbTransaction transaction)
    {
        var taken = $"q.{key} = @Id and q.claims = {Taken}";
        await connection.ExecuteAsync(QueueStatements.Interrupt(_tables, taken), parameters, transaction);
        await connection.ExecuteAsync(QueueStatements.CountInterrupted(_tables, taken), parameters, transaction);
        await connection.ExecuteAsync(QueueStatements.Finish(_tables, taken), parameters, transaction);
        await connection.ExecuteAsync(QueueStatements.DropLastAttempt(_tables, taken), parameters, transaction);
        return await connection.ExecuteAsync($"delete from {_tables.Queue} where {key} = @Id and claims = {Taken}", parameters, transaction);
    }

    private object Parameters(long id) => new
    {
        Id = id,
        clock.Now,
        Status = (int)WebhookDeliveryStatus.Cancelled,
        Interrupted = LeasedDelivery.InterruptedError,
        ScopeTenant = scope.Tenant,
    };

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
