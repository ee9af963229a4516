using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Breakers and pauses of webhooks, which all nodes share. Every change raises the sequence number, so that of several nodes that want the same
/// change at once one makes it and the others hear that they did not.
/// </summary>
internal sealed class BreakerRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    private readonly WebhookTables _tables = database.Dialect.Tables;

    public BreakerRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    /// <summary>The counters and the breaker of a webhook as they are now; null where it was deleted.</summary>
    public Task<WebhookCounters?> ReadAsync(long webhookId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                await using var row = await connection.ExecuteReaderAsync(
                    $"select {WebhookCounters.Columns} from {_tables.Webhooks} where id = @WebhookId and deleted_at is null{scope.And("tenant")}",
                    new { WebhookId = webhookId, ScopeTenant = scope.Tenant });
                return await row.ReadAsync(cancellationToken) ? WebhookCounters.Read(row) : null;
            },
            cancellationToken);

    /// <summary>Changes a breaker that nobody has changed since it was read. With its status, the window begins anew.</summary>
    /// <returns>Whether it was changed.</returns>
    public Task<bool> TryChangeAsync(long sequence, WebhookBreaker to, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(
                $"""
                update {_tables.Webhooks}
                set breaker = @Status, breaker_seq = breaker_seq + 1, openings = @Openings, paused_until = @PausedUntil, pause_reason = @PauseReason,
                    slow_start = @SlowStart, successes = 0,
                    window_at = case when breaker = @Status then window_at end,
                    window_attempts = case when breaker = @Status then window_attempts else 0 end,
                    window_failures = case when breaker = @Status then window_failures else 0 end
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

    /// <summary>
    /// Ends the pause of a breaker that is open, so that its probe goes at once: a person wants to see whether the receiver works. What the receiver
    /// itself asked for holds.
    /// </summary>
    /// <returns>Whether there was such a pause.</returns>
    public async Task<bool> EndPauseAsync(long webhookId, CancellationToken cancellationToken)
    {
        // Looked for first: mostly there is none, and to look is cheaper than to write.
        var breaker = (await ReadAsync(webhookId, cancellationToken))?.Breaker;
        return breaker is { Status: BreakerStatus.Open, PauseReason: PauseReason.Breaker } && breaker.IsPaused(clock.Now)
            && await database.WriteAsync(
                async (connection, transaction) => await connection.ExecuteAsync(
                    $"""
                    update {_tables.Webhooks} set paused_until = @Now, breaker_seq = breaker_seq + 1
                    where id = @WebhookId and breaker_seq = @From and deleted_at is null{scope.And("tenant")}
                    """,
                    new { WebhookId = webhookId, clock.Now, From = breaker.Sequence, ScopeTenant = scope.Tenant },
                    transaction) == 1,
                cancellationToken);
    }

    /// <summary>Notes that a warning is given of a webhook that has failed since the same time as when it was read.</summary>
    /// <returns>Whether this call noted it: then its caller alone tells of it.</returns>
    public Task<bool> TryWarnAsync(WebhookCounters counters, int warnings, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(
                $"""
                update {_tables.Webhooks} set warnings = @Warnings
                where id = @WebhookId and warnings < @Warnings and failing_since = @FailingSince and enabled = 1 and deleted_at is null
                """,
                new { counters.WebhookId, Warnings = warnings, counters.FailingSince },
                transaction) == 1,
            cancellationToken);
}
