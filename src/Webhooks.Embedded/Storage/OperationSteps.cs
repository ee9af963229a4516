using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// The work of operations, for the node that has leased one. Each step is one transaction that does something with a few deliveries and moves the
/// operation's cursor and counts past them: both are there, or neither is.
/// </summary>
internal sealed class OperationSteps(
    WebhookDatabase database, DeliveryRepository deliveries, QueueRepository queue, CancelRepository cancellations, StoreClock clock)
{
    /// <summary>For how long a node has an operation from its last step on. When it dies, another one goes on after that.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int Running = (int)WebhookOperationStatus.Running;

    // How far down the ids a first look goes, and how much farther each one after it that has not found enough.
    private const long FirstLook = 10_000;
    private const int Farther = 4;
    private static readonly TimeSpan LookNoLonger = TimeSpan.FromMilliseconds(500);

    private readonly WebhookTables _tables = database.Dialect.Tables;

    private long LeaseEnd => clock.Now + (long)Lease.TotalMilliseconds;

    /// <summary>Takes operations that no node has, the longest due first.</summary>
    public async Task<IReadOnlyList<LeasedOperation>> ClaimAsync(int max, CancellationToken cancellationToken)
    {
        // Looked for without a transaction: nearly always there is none.
        var due = max <= 0 ? [] : (await database.ReadAsync(
            connection => connection.QueryAsync<OperationRow>(
                $"""
                select {OperationRow.Columns} from {_tables.Operations} o where o.due_at <= @Now
                order by o.due_at, o.id {database.Dialect.Page}
                """,
                new { clock.Now, Limit = max, Offset = 0 }),
            cancellationToken)).AsList();

        var claimed = new List<LeasedOperation>();
        foreach (var row in due)
        {
            if (await TryClaimAsync(row, cancellationToken))
            {
                claimed.Add(new LeasedOperation(row.Id, row.LeaseSequence + 1, row.Rate, SqlDialect.ToGuid(row.Uid)));
            }
        }

        return claimed;
    }

    /// <summary>Goes through the next deliveries of an operation.</summary>
    public async Task<OperationStep> StepAsync(LeasedOperation operation, int size, CancellationToken cancellationToken)
    {
        if (await FindAsync(operation, cancellationToken) is not { } row)
        {
            return OperationStep.Lost;
        }

        // Looked for before the transaction, which is not to be kept open while a large log is searched.
        var query = StoredQuery.ReadToAct(row.Filter);
        var (found, comeTo, isLast) = await LookAsync(row, query, size, cancellationToken);

        // Checkpoint: nothing is changed. If the process dies here, the lease ends, and another node finds the same deliveries again.
        return await database.WriteAsync(
            async (connection, transaction) =>
            {
                // First of all the row, under the fence. Whoever has a newer lease, or has stopped the operation, was here before, and nothing is
                // done; whoever comes later waits for the commit.
                if (await RenewAsync(operation, connection, transaction) == 0)
                {
                    return OperationStep.Lost;
                }

                // By the stored cursor: where the answer to the last commit was lost, this one knows what that one did.
                var beforeId = await connection.ExecuteScalarAsync<long>(
                    $"select before_id from {_tables.Operations} where id = @Id", new { operation.Id }, transaction);
                var tally = new OperationTally();
                var ids = found.Where(id => id < beforeId).ToArray();
                foreach (var id in await ScopedDeliveries(row).StillFoundAsync(query, ids, connection, transaction))
                {
                    tally.Add(await DoAsync(row, id, connection, transaction));
                }

                await MoveAsync(operation, Math.Min(beforeId, comeTo), isLast, tally, connection, transaction);

                // Checkpoint: if the process dies before the commit, these deliveries are as they were and so is the cursor: they are done by the next
                // step, once. If it dies after the commit, they are done and the cursor is past them: no step comes back to them.
                return new OperationStep(isLast ? OperationStepResult.Completed : OperationStepResult.GoesOn, found.Count, tally.Done);
            },
            cancellationToken);
    }

    /// <summary>Lets any node have the operation, from a time on.</summary>
    public Task ReleaseAsync(LeasedOperation operation, long dueAt, CancellationToken cancellationToken) =>
        WriteAsync("due_at = @DueAt", new { operation.Id, operation.LeaseSequence, DueAt = dueAt }, cancellationToken);

    /// <summary>Ends an operation that cannot go on.</summary>
    public Task FailAsync(LeasedOperation operation, string error, CancellationToken cancellationToken) =>
        WriteAsync(
            $"status = {(int)WebhookOperationStatus.Failed}, due_at = null, updated_at = @Now, finished_at = @Now, error = @Error",
            new { operation.Id, operation.LeaseSequence, clock.Now, Error = StoredText.Clean(error) },
            cancellationToken);

    /// <summary>
    /// The next deliveries, how far down it has looked for them, and whether there are none below. In a large log that has few of them it stops
    /// early: the step moves the cursor all the same and renews the lease, where one look through all of it would outlast either.
    /// </summary>
    private async Task<(IReadOnlyList<long> Found, long ComeTo, bool IsLast)> LookAsync(
        OperationRow row, WebhookDeliveryQuery query, int size, CancellationToken cancellationToken)
    {
        var found = new List<long>(size);
        var started = clock.TimeProvider.GetTimestamp();
        var comeTo = row.BeforeId;
        for (var length = FirstLook; ; length *= Farther)
        {
            var from = Math.Max(0, comeTo - length);
            found.AddRange(await ScopedDeliveries(row).IdsBetweenAsync(query, from, comeTo, size - found.Count, cancellationToken));
            if (found.Count == size)
            {
                return (found, found[^1], IsLast: false);
            }

            comeTo = from;
            var isLast = from == 0 || from <= await deliveries.FirstIdAsync(cancellationToken);
            if (isLast || clock.TimeProvider.GetElapsedTime(started) >= LookNoLonger)
            {
                return (found, comeTo, isLast);
            }
        }
    }

    private Task<OperationRow?> FindAsync(LeasedOperation operation, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<OperationRow?>(
                $"select {OperationRow.Columns} from {_tables.Operations} o where o.id = @Id and o.lease_seq = @LeaseSequence and o.status = {Running}",
                new { operation.Id, operation.LeaseSequence }),
            cancellationToken);

    // If the process dies after this, the lease ends and the operation is due again.
    private Task<bool> TryClaimAsync(OperationRow row, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(
                $"""
                update {_tables.Operations} set due_at = @LeaseEnd, lease_seq = lease_seq + 1
                where id = @Id and lease_seq = @LeaseSequence and due_at <= @Now and status = {Running}
                """,
                new { row.Id, row.LeaseSequence, clock.Now, LeaseEnd },
                transaction) == 1,
            cancellationToken);

    private Task<int> RenewAsync(LeasedOperation operation, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"update {_tables.Operations} set due_at = @LeaseEnd where id = @Id and lease_seq = @LeaseSequence and status = {Running}",
            new { operation.Id, operation.LeaseSequence, LeaseEnd },
            transaction);

    private Task<int> MoveAsync(
        LeasedOperation operation, long beforeId, bool isLast, OperationTally tally, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"""
            update {_tables.Operations}
            set before_id = @BeforeId, updated_at = @Now, done = done + @Done, under_way = under_way + @UnderWay,
                webhook_disabled = webhook_disabled + @WebhookDisabled, webhook_deleted = webhook_deleted + @WebhookDeleted,
                payload_expired = payload_expired + @PayloadExpired, already_finished = already_finished + @AlreadyFinished, gone = gone + @Gone
                {(isLast ? $", status = {(int)WebhookOperationStatus.Completed}, due_at = null, finished_at = @Now" : "")}
            where id = @Id
            """,
            new
            {
                operation.Id,
                BeforeId = beforeId,
                clock.Now,
                tally.Done,
                tally.UnderWay,
                tally.WebhookDisabled,
                tally.WebhookDeleted,
                tally.PayloadExpired,
                tally.AlreadyFinished,
                tally.Gone,
            },
            transaction);

    private async Task<OperationEffect> DoAsync(OperationRow row, long id, DbConnection connection, DbTransaction transaction)
    {
        if (row.Kind == (int)WebhookOperationKind.Cancel)
        {
            var scoped = row.Tenant is null ? cancellations : cancellations.ForTenant(row.Tenant);
            return OperationTally.Of(await scoped.CancelAsync(id, connection, transaction));
        }

        var scopedQueue = row.Tenant is null ? queue : queue.ForTenant(row.Tenant);
        return OperationTally.Of(await scopedQueue.RetryAsync(id, connection, transaction));
    }

    private DeliveryRepository ScopedDeliveries(OperationRow row) => row.Tenant is null ? deliveries : deliveries.ForTenant(row.Tenant);

    private Task<int> WriteAsync(string set, object parameters, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Operations} set {set} where id = @Id and lease_seq = @LeaseSequence and status = {Running}", parameters, transaction),
            cancellationToken);
}
