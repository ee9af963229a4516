using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Breakers and pauses of webhooks, which all nodes share. Every change raises the sequence number, so that of several nodes that want the same
/// change at once one makes it and the others hear that they did not.
/// </summary>
internal sealed class BreakerRepository(WebhookDatabase database)
{
    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>Changes a breaker that nobody has changed since it was read.</summary>
    /// <returns>Whether it was changed.</returns>
    public Task<bool> TryChangeAsync(long sequence, WebhookBreaker to, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(
                $"""
                update {_tables.Webhooks}
                set breaker = @Status, breaker_seq = breaker_seq + 1, openings = @Openings, paused_until = @PausedUntil, pause_reason = @PauseReason,
                    slow_start = @SlowStart, successes = 0
                where id = @WebhookId and breaker_seq = @From and deleted_at is null
                """,
                new
                {
                    to.WebhookId,
                    Status = (int)to.Status,
                    to.Openings,
                    to.PausedUntil,
                    PauseReason = (int?)to.PauseReason,
                    to.SlowStart,
                    From = sequence,
                },
                transaction) == 1,
            cancellationToken);

    /// <summary>Pauses a webhook that is not paused at this time.</summary>
    /// <returns>
    /// The sequence number of the pause, where this call has made it: then its caller alone may send what it paused it for
    /// (<see cref="LeasedDelivery.Turn"/>). Null where somebody else was first.
    /// </returns>
    public Task<long?> TryPauseAsync(long webhookId, PauseReason reason, long now, long until, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var paused = await connection.ExecuteAsync(
                    $"""
                    update {_tables.Webhooks} set paused_until = @Until, pause_reason = @Reason, breaker_seq = breaker_seq + 1
                    where id = @WebhookId and (paused_until is null or paused_until <= @Now) and deleted_at is null
                    """,
                    new { WebhookId = webhookId, Reason = (int)reason, Now = now, Until = until },
                    transaction) == 1;

                // The row is ours until the commit.
                return paused
                    ? await connection.QuerySingleAsync<long?>(
                        $"select w.breaker_seq from {_tables.Webhooks} w where w.id = @WebhookId", new { WebhookId = webhookId }, transaction)
                    : null;
            },
            cancellationToken);
}
