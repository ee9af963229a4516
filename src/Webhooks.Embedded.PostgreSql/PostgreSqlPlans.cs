using Npgsql;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>
/// What keeps the hot statements fast whatever the statistics say. The queue is empty one moment and has thousands of rows the next, and a plan
/// that was made for an empty table reads all of it: measured, twice the server's time per delivery until the next vacuum. So the statements of
/// the writer and the claim are shaped for the index, and the planner may not choose otherwise.
/// </summary>
internal static class PostgreSqlPlans
{
    /// <summary>For a claim: every table is read by an index.</summary>
    public const string Claim = $"select {NoTableScans}";

    /// <summary>
    /// For the writer, in addition: what a batch joins are its own rows, which are in memory; a nested loop over them is slow, and chosen
    /// because their number is not known to the planner.
    /// </summary>
    public const string Write = $"select {NoTableScans}, set_config('enable_nestloop', 'off', true), {NoLongWait}";

    // What the writer waits for, everybody on this node waits for. Nodes lock for milliseconds; whoever locks for longer, an app that has published
    // with the same idempotency key and not committed yet, keeps only its own events waiting.
    private const string NoLongWait = "set_config('lock_timeout', '1s', true)";

    // For the transaction alone, so that nothing stays on a connection that goes back to the app's pool or is shared behind pgbouncer.
    // Without compilation: a plan of which a part cannot do without what is off looks so dear that it would be compiled each time.
    private const string NoTableScans = "set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

    /// <summary>A batch on this connection, which is one transaction, with its first command.</summary>
    public static NpgsqlBatch Batch(NpgsqlConnection connection, string settings)
    {
        var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(settings));
        return batch;
    }

    /// <summary>Adds a command whose parameters are <c>$1</c>, <c>$2</c> and so on.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}
