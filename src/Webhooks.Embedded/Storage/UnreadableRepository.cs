using Dapper;

namespace Webhooks.Embedded.Storage;

/// <summary>Parks what no node could read the secret for, and makes it due again when one can.</summary>
internal sealed class UnreadableRepository(WebhookDatabase database, StoreClock clock)
{
    private const int Unreadable = (int)WebhookAttemptOutcome.SecretUnreadable;
    private const int BatchSize = 500;

    private readonly WebhookTables _tables = database.Dialect.Tables;

    /// <summary>The webhooks with deliveries that were parked because their secret could not be read.</summary>
    public Task<IReadOnlyList<long>> ParkedAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<long>>(
            async connection => (await connection.QueryAsync<long>(
                $"select distinct webhook_id from {_tables.Queue} where due_at is null and outcome = {Unreadable}")).AsList(),
            cancellationToken);

    /// <summary>Makes a webhook's deliveries due now that were parked for this reason, and for no other.</summary>
    public Task<int> UnparkAsync(long webhookId, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"update {_tables.Queue} set due_at = @Now where webhook_id = @WebhookId and due_at is null and outcome = {Unreadable}",
                new { WebhookId = webhookId, clock.Now },
                transaction),
            cancellationToken);

    /// <summary>
    /// Parks up to 500 deliveries of a webhook that this node has given back, unless another node has shown since then that it can read the secret: it has
    /// one of them at this moment, or made an attempt.
    /// </summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="since">Since when this node cannot read its secret.</param>
    /// <param name="until">When what was given back is due at the latest. What is due later is not asked for yet.</param>
    /// <param name="error">What the log says of it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many were parked; null where another node can read it.</returns>
    public Task<int?> ParkAsync(long webhookId, long since, long until, string error, CancellationToken cancellationToken) =>
        database.WriteAsync<int?>(
            async (connection, transaction) =>
            {
                var parameters = new { WebhookId = webhookId, Since = since, Until = until, Error = error, clock.Now, Limit = BatchSize, Offset = 0 };
                var others = await connection.ExecuteScalarAsync<int>(
                    $"""
                    select count(*) from {_tables.Webhooks} w
                    where w.id = @WebhookId
                      and (w.last_success_at >= @Since or w.last_failure_at >= @Since or w.paused_until > @Now
                           or exists (select 1 from {_tables.Queue} q
                                      where q.webhook_id = @WebhookId and q.due_at > @Now and q.claimed_at is not null))
                    """,
                    parameters,
                    transaction);
                if (others > 0)
                {
                    return null;
                }

                var ids = string.Join(',', await connection.QueryAsync<long>(
                    $"""
                    select q.id from {_tables.Queue} q
                    where q.webhook_id = @WebhookId and q.due_at <= @Until and q.claimed_at is null order by q.id {database.Dialect.Page}
                    """,
                    parameters,
                    transaction));
                if (ids.Length == 0)
                {
                    return 0;
                }

                // What another node has claimed meanwhile is not parked: the condition is looked at again.
                var parked = await connection.ExecuteAsync(
                    $"""
                    update {_tables.Queue} set due_at = null, claims = 0, attempts = attempts + 1, outcome = {Unreadable}, status_code = null, attempted_at = @Now
                    where id in ({ids}) and due_at <= @Until and claimed_at is null
                    """,
                    parameters,
                    transaction);
                await connection.ExecuteAsync(
                    $"""
                    insert into {_tables.Attempts} (delivery_id, number, outcome, started_at, duration_ms, url_number, error, response_truncated)
                    select q.id, q.attempts, {Unreadable}, @Now, 0, w.url_number, @Error, 0
                    from {_tables.Queue} q join {_tables.Webhooks} w on w.id = q.webhook_id
                    where q.id in ({ids}) and q.due_at is null and q.outcome = {Unreadable} and q.attempted_at = @Now
                    """,
                    parameters,
                    transaction);
                return parked;
            },
            cancellationToken);
}
