using System.Data;
using System.Diagnostics;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>
/// Claims due deliveries in two round trips: whose turn it is, with the clock; then a few of each webhook. What another node has locked is
/// passed over, so that neither waits for the other, nor for an app's long transaction that has published.
/// </summary>
internal sealed class SqlServerClaim(SqlServerSource source, SqlServerTypes types, WebhookTables tables)
{
    /// <summary>The server's clock as Unix milliseconds.</summary>
    public const string Clock = "datediff_big(millisecond, '19700101', sysutcdatetime())";

    private const int Tries = 3;

    // READPAST is refused under READ_COMMITTED_SNAPSHOT unless the read asks for locks.
    private const string PassOver = "with (readcommittedlock, readpast, rowlock, forceseek)";

    // What is locked here is under way: a step has its operation locked. There are so few operations that it does not matter how they are read.
    private const string PassOverOperations = "with (readcommittedlock, readpast, rowlock)";

    private readonly string _heads =
        $"""
        set nocount on;
        set transaction isolation level read committed;
        select value, {Clock}, {ClaimRound.OperationDueAt(tables, PassOverOperations)} from {tables.State} where name = N'catalogue';
        {ClaimRound.Heads(tables, PassOver)};
        """;

    // What is locked first is claimed then, if it is still as it was: on a server that ignores the hints, two nodes see the same rows, and
    // one of them takes them.
    private readonly string _claim =
        $"""
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
            from {tables.Queue} q with (updlock, readcommittedlock, readpast, rowlock, forceseek)
            where q.webhook_id = @WebhookId and q.due_at <= @Now
            order by q.due_at;
            set @Left = @Left - @@rowcount;
        end;

        update q
        set due_at = @LeaseEnd, claimed_at = @Now, lease_seq = q.lease_seq + 1, claims = q.claims + 1,
            attempts = case when q.claimed_at is null then q.attempts else q.attempts + 1 end,
            outcome = case when q.claimed_at is null then q.outcome else {(int)WebhookAttemptOutcome.Interrupted} end,
            status_code = case when q.claimed_at is null then q.status_code end,
            attempted_at = case when q.claimed_at is null then q.attempted_at else @Now end
        output inserted.id, inserted.event_id, inserted.webhook_id, inserted.created_at, inserted.lease_seq, inserted.claims, inserted.attempts
            into @Claimed (id, event_id, webhook_id, created_at, lease_seq, claims, attempts)
        from {tables.Queue} q with (forceseek, rowlock) join @Due d on d.id = q.id and d.lease_seq = q.lease_seq;

        insert into {tables.Attempts} (delivery_id, number, outcome, started_at, duration_ms, error, response_truncated)
        select c.id, c.attempts, {(int)WebhookAttemptOutcome.Interrupted}, d.begun_at,
               {QueueStatements.InterruptedMs("@Now", "d.begun_at")}, @Error, 0
        from @Claimed c join @Due d on d.id = c.id where d.begun_at is not null;

        select c.id, c.event_id, e.uid, e.trigger_name, e.payload, c.webhook_id, c.created_at, c.lease_seq, c.claims, c.attempts
        from @Claimed c join @Due d on d.id = c.id join {tables.Events} e with (forceseek) on e.id = c.event_id
        order by d.place, d.due_at, d.id;

        select @WebhookId, min(h.due_at)
        from (select (select min(q.due_at) from {tables.Queue} q {PassOver} where q.webhook_id = r.webhook_id and q.due_at > @Now) as due_at
              from @Round r where r.place <= @Place) h;

        commit transaction;
        """;

    public async Task<ClaimResult> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryClaimAsync(request, cancellationToken);
            }
            catch (SqlException exception) when (attempt < Tries && SqlServerFaults.IsDeadlock(exception))
            {
                // The victim has claimed nothing, and the other is done.
            }
        }
    }

    private async Task<ClaimResult> TryClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenAsync(cancellationToken);
        var look = await LookAsync(connection, cancellationToken);
        var round = new ClaimRound(look.Heads, request);
        if (round.WebhookIds.Length == 0)
        {
            return new ClaimResult([], request.AfterWebhookId, round.NextDueAt, round.Breakers, look.CatalogueVersion, look.OperationDueAt, look.Clock);
        }

        // If the process dies before the commit, nothing is claimed; after it, the leases end and the deliveries are claimed again.
        var (deliveries, last, nextDueAt) = await ClaimAsync(connection, round, request, cancellationToken);
        return new ClaimResult(
            deliveries, last, Earlier(round.NextDueAt, nextDueAt), round.Breakers, look.CatalogueVersion, look.OperationDueAt, look.Clock);
    }

    private async Task<Look> LookAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = _heads;

        // All of the queue: an app's transaction may bring in today what was due yesterday.
        command.Parameters.Add("@From", SqlDbType.BigInt).Value = 0L;
        var asked = Stopwatch.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var version = reader.GetInt64(0);
        var clock = new ClockReading(reader.GetInt64(1), asked, Stopwatch.GetTimestamp());
        long? operationDueAt = reader.IsDBNull(2) ? null : reader.GetInt64(2);

        var heads = new List<QueueHead>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            heads.Add(ClaimRound.ReadHead(reader));
        }

        return new Look(heads, version, operationDueAt, clock);
    }

    private async Task<(List<LeasedDelivery> Deliveries, long LastWebhookId, long? NextDueAt)> ClaimAsync(
        SqlConnection connection, ClaimRound round, ClaimRequest request, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = _claim;
        command.Parameters.Add("@After", SqlDbType.BigInt).Value = request.AfterWebhookId;
        command.Parameters.Add("@Max", SqlDbType.Int).Value = request.Max;
        command.Parameters.Add("@Now", SqlDbType.BigInt).Value = request.Now;
        command.Parameters.Add("@LeaseEnd", SqlDbType.BigInt).Value = request.LeaseEnd;
        command.Parameters.Add("@Error", SqlDbType.NVarChar, -1).Value = LeasedDelivery.InterruptedError;
        command.Parameters.Add(types.Round(round));

        var deliveries = new List<LeasedDelivery>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            deliveries.Add(Read(reader, request.ClaimedTimestamp));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var last = reader.GetInt64(0);
        long? nextDueAt = reader.IsDBNull(1) ? null : reader.GetInt64(1);

        // A commit that failed is reported here.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return (deliveries, last, nextDueAt);
    }

    private static LeasedDelivery Read(SqlDataReader reader, long claimedTimestamp) => new()
    {
        Id = reader.GetInt64(0),
        EventId = reader.GetInt64(1),
        EventUid = reader.GetGuid(2),
        Trigger = reader.GetString(3),
        Payload = reader.IsDBNull(4) ? ReadOnlyMemory<byte>.Empty : reader.GetFieldValue<byte[]>(4),
        WebhookId = reader.GetInt64(5),
        CreatedAt = reader.GetInt64(6),
        LeaseSequence = reader.GetInt64(7),
        Claims = reader.GetInt32(8),
        Attempts = reader.GetInt32(9),
        ClaimedTimestamp = claimedTimestamp,
    };

    private static long? Earlier(long? one, long? other) => one is { } left && other is { } right ? Math.Min(left, right) : one ?? other;

    private sealed record Look(List<QueueHead> Heads, long CatalogueVersion, long? OperationDueAt, ClockReading Clock);
}
