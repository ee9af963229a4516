using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Deletes the URLs that webhooks had before, once nothing in the log can name them: they may hold what only their receiver is to know.</summary>
internal sealed class FormerUrlRepository(WebhookDatabase database, StoreClock clock)
{
    // After it every node has heard that a URL was replaced, and sends nothing there any more.
    private static readonly TimeSpan KnownToAll = TimeSpan.FromMinutes(1);

    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>Deletes those that were replaced before a time. Returns how many.</summary>
    public async Task<int> DeleteAsync(long replacedBefore, CancellationToken cancellationToken)
    {
        await NoteAsync(cancellationToken);
        var deleted = 0;
        foreach (var former in await FindAsync(replacedBefore, cancellationToken))
        {
            var named = await LowestDeliveryAsync(former, cancellationToken);
            if (former.LowestNote < named)
            {
                deleted += await DeleteAsync(former, named, replacedBefore, cancellationToken);
            }
        }

        return deleted;
    }

    /// <summary>
    /// Notes up to which delivery the log may name a URL that was replaced. Not when it is replaced: to look for that may mean to wait for whoever is
    /// publishing, and all who publish wait for whoever changes a webhook.
    /// </summary>
    private Task<int> NoteAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Urls} set last_delivery_id = ({QueueStatements.LastId(_tables)}) where replaced_at < @Before and last_delivery_id is null",
                new { Before = clock.Now - (long)KnownToAll.TotalMilliseconds },
                transaction),
            cancellationToken);

    private Task<IEnumerable<Former>> FindAsync(long replacedBefore, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.QueryAsync<Former>(
                $"""
                select webhook_id as WebhookId, min(last_delivery_id) as LowestNote, max(last_delivery_id) as HighestNote
                from {_tables.Urls} where replaced_at < @Before and last_delivery_id is not null group by webhook_id
                """,
                new { Before = replacedBefore }),
            cancellationToken);

    /// <summary>The lowest of a webhook's deliveries that may name one of its former URLs; the highest number where there is none.</summary>
    private Task<long> LowestDeliveryAsync(Former former, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                // The queue twice: a person may return a delivery to it between two looks.
                var lowest = long.MaxValue;
                foreach (var table in new[] { _tables.Queue, _tables.Deliveries, _tables.Queue })
                {
                    var id = await connection.ExecuteScalarAsync<long?>(
                        $"select min(d.id) from {table} d where d.webhook_id = @WebhookId and d.id <= @HighestNote", former);
                    lowest = Math.Min(lowest, id ?? long.MaxValue);
                }

                return lowest;
            },
            cancellationToken);

    // Of what another node has noted meanwhile nothing is known here.
    private Task<int> DeleteAsync(Former former, long named, long replacedBefore, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                delete from {_tables.Urls}
                where webhook_id = @WebhookId and replaced_at < @Before and last_delivery_id < @Named and last_delivery_id <= @HighestNote
                """,
                new { former.WebhookId, former.HighestNote, Named = named, Before = replacedBefore },
                transaction),
            cancellationToken);

    /// <summary>The URLs that a webhook had before, and which deliveries there were when they were noted.</summary>
    private sealed class Former
    {
        public long WebhookId { get; init; }

        public long LowestNote { get; init; }

        public long HighestNote { get; init; }
    }
}
