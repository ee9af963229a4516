using System.Data.Common;
using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>The stored figures: additive, by the minute and by the hour, of all nodes together.</summary>
internal sealed class RollUpRepository(WebhookDatabase database)
{
    public const int Minutes = 0;
    public const int Hours = 1;
    public const long HourMs = 60 * RollUps.MinuteMs;

    /// <summary>How many minutes of webhooks go into a transaction: where there is one writer, publishers wait for its end.</summary>
    private const int ChunkSize = 200;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>Adds what a node counted. What is in <paramref name="counts"/> when this throws was not added.</summary>
    public async Task AddAsync(Dictionary<RollUpBucket, RollUpCounts> counts, CancellationToken cancellationToken)
    {
        foreach (var chunk in counts.OrderBy(pair => pair.Key.At).ThenBy(pair => pair.Key.WebhookId).Chunk(ChunkSize))
        {
            await database.WriteAsync(
                async (connection, transaction) =>
                {
                    // One node at a time: of two that look for the same row and find none, both would insert it.
                    await connection.ExecuteAsync($"update {_tables.State} set value = value where name = 'stats'", transaction: transaction);
                    foreach (var (bucket, added) in chunk)
                    {
                        await AddAsync(Minutes, bucket, added, connection, transaction);
                    }

                    foreach (var hour in chunk.GroupBy(pair => pair.Key with { At = pair.Key.At - (pair.Key.At % HourMs) }))
                    {
                        var sum = default(RollUpCounts);
                        foreach (var (_, added) in hour)
                        {
                            sum.Add(added);
                        }

                        await AddAsync(Hours, hour.Key, sum, connection, transaction);
                    }

                    return true;
                },
                cancellationToken);

            // Checkpoint: these are durable. If the process dies here, those that follow are missing from the figures.
            foreach (var (bucket, _) in chunk)
            {
                counts.Remove(bucket);
            }
        }
    }

    /// <summary>Deletes those of the oldest minute or hour that is too old. Returns how many; none means that there are no more.</summary>
    public Task<int> DeleteAsync(int resolution, long before, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                delete from {_tables.Stats}
                where resolution = @Resolution
                  and bucket_at = (select min(s.bucket_at) from {_tables.Stats} s where s.resolution = @Resolution and s.bucket_at < @Before)
                """,
                new { Resolution = resolution, Before = before },
                transaction),
            cancellationToken);

    private async Task AddAsync(int resolution, RollUpBucket bucket, RollUpCounts added, DbConnection connection, DbTransaction transaction)
    {
        var parameters = new
        {
            Resolution = resolution,
            bucket.At,
            bucket.WebhookId,
            added.Delivered,
            added.Failed,
            added.Exhausted,
            added.DurationMs,
        };
        var updated = await connection.ExecuteAsync(
            $"""
            update {_tables.Stats}
            set delivered = delivered + @Delivered, failed = failed + @Failed, exhausted = exhausted + @Exhausted, duration_ms = duration_ms + @DurationMs
            where resolution = @Resolution and bucket_at = @At and webhook_id = @WebhookId
            """,
            parameters,
            transaction);
        if (updated == 0)
        {
            await connection.ExecuteAsync(
                $"""
                insert into {_tables.Stats} (resolution, bucket_at, webhook_id, delivered, failed, exhausted, duration_ms)
                values (@Resolution, @At, @WebhookId, @Delivered, @Failed, @Exhausted, @DurationMs)
                """,
                parameters,
                transaction);
        }
    }
}
