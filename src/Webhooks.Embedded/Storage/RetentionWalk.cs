using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Finds what is old in a table by its key, so that no index by time has to be written with every delivery. Ids are in publishing order: the walk
/// goes up from the lowest one to what was published too recently for anything above it to be old, and waits there. What it has passed
/// over may have become old since, and what was retried for days is finished below it: every ten minutes it begins again at the lowest id.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="clock">Its clock.</param>
/// <param name="table">The table, with <c>id</c> and <c>created_at</c>.</param>
/// <param name="column">What else of a row is looked at.</param>
/// <param name="isOld">The condition for a row <c>t</c>, with <c>@Before</c>.</param>
internal sealed class RetentionWalk(WebhookDatabase database, StoreClock clock, string table, string column, string isOld)
{
    /// <summary>As many as one transaction deletes.</summary>
    public const int BatchSize = 500;

    private const int LookSize = BatchSize / 2;
    private static readonly TimeSpan BeginsAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookNoLonger = TimeSpan.FromSeconds(1);

    // First the page and then the condition: a planner that takes it to be asked of the whole table would rather read all of the log for it.
    private readonly string _look =
        $"""
        select t.id as Id, t.created_at as CreatedAt, case when {isOld} then 1 else 0 end as IsOld
        from (select x.id, x.created_at, {column} from {table} x where x.id > @After order by x.id {database.Dialect.Page}) t
        order by t.id
        """;

    // In memory only: a node that starts begins at the lowest id.
    private long _after;
    private long? _begun;
    private bool _waits;

    /// <summary>The next rows that are old, up to a batch; fewer where there are no more, or where a second of looking has not found as many.</summary>
    public async Task<RetentionFound> NextAsync(long before, CancellationToken cancellationToken)
    {
        if (_begun is not { } begun || (_waits && clock.TimeProvider.GetElapsedTime(begun) >= BeginsAgain))
        {
            (_after, _begun) = (0, clock.TimeProvider.GetTimestamp());
        }

        var found = new List<long>();
        var (after, now, started) = (_after, clock.Now, clock.TimeProvider.GetTimestamp());
        while (true)
        {
            var rows = await LookAsync(after, before, cancellationToken);
            foreach (var row in rows)
            {
                // A time to come is of a clock that was wrong, and says nothing about the rows above.
                if (row.CreatedAt >= before && row.CreatedAt <= now)
                {
                    return new RetentionFound(found, after, IsAll: true);
                }

                after = row.Id;
                if (row.IsOld)
                {
                    found.Add(row.Id);
                }
            }

            if (rows.Count < LookSize)
            {
                return new RetentionFound(found, after, IsAll: true);
            }

            if (found.Count > BatchSize - LookSize || clock.TimeProvider.GetElapsedTime(started) >= LookNoLonger)
            {
                return new RetentionFound(found, after, IsAll: false);
            }
        }
    }

    /// <summary>Goes on above what was found. To be called when that is deleted: until then it is found again.</summary>
    public void Pass(RetentionFound found) => (_after, _waits) = (found.LastId, found.IsAll);

    private Task<List<Row>> LookAsync(long after, long before, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (await connection.QueryAsync<Row>(_look, new { After = after, Before = before, Limit = LookSize, Offset = 0 })).AsList(),
            cancellationToken);

    private sealed class Row
    {
        public long Id { get; init; }

        public long CreatedAt { get; init; }

        public bool IsOld { get; init; }
    }
}

/// <summary>What a walk has found.</summary>
/// <param name="Ids">The lowest first.</param>
/// <param name="LastId">How far it has looked.</param>
/// <param name="IsAll">Whether nothing above is old.</param>
internal sealed record RetentionFound(IReadOnlyList<long> Ids, long LastId, bool IsAll);
