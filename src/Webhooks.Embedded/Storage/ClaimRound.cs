using System.Data.Common;
using System.Globalization;

namespace Webhooks.Embedded.Storage;

/// <summary>The earliest due time of a webhook in the queue; a delivery that is leased is due when its lease ends.</summary>
internal sealed class QueueHead
{
    public long WebhookId { get; init; }

    /// <summary>Null where it has nothing in the queue but what is parked.</summary>
    public long? DueAt { get; init; }

    /// <summary>Null where it is sent to as usual.</summary>
    public WebhookBreaker? Breaker { get; init; }
}

/// <summary>
/// Whom a claim serves: all webhooks that have something due and room, each once, from where the last round ended. For engines that read
/// the heads of the queue first, by <see cref="Heads"/>, and then claim of those webhooks that are due.
/// </summary>
internal sealed class ClaimRound
{
    /// <summary>What <see cref="ReadHead"/> reads after the id and the due time.</summary>
    public const string BreakerColumns = "w.breaker, w.breaker_seq, w.openings, w.paused_until, w.pause_reason, w.slow_start";

    public ClaimRound(IReadOnlyCollection<QueueHead> heads, ClaimRequest request)
    {
        Breakers = [.. heads.Where(head => head.Breaker is not null).Select(head => head.Breaker!)];
        var limits = new ClaimLimits(request, Breakers);
        WebhookIds =
        [
            .. heads.Where(head => head.DueAt <= request.Now && limits.Of(head.WebhookId) > 0)
                .Select(head => head.WebhookId)
                .OrderBy(id => id <= request.AfterWebhookId)
                .ThenBy(id => id),
        ];
        Limits = Array.ConvertAll(WebhookIds, limits.Of);
        NextDueAt = heads.Where(head => head.DueAt is not null)
            .Select(head => (long?)limits.ReadyAt(head.WebhookId, head.DueAt!.Value))
            .Where(readyAt => readyAt > request.Now)
            .Min();
    }

    /// <summary>In the order in which they are served.</summary>
    public long[] WebhookIds { get; }

    /// <summary>How many deliveries to claim of each of them at most.</summary>
    public int[] Limits { get; }

    /// <summary>Of all webhooks that are not sent to as usual.</summary>
    public IReadOnlyList<WebhookBreaker> Breakers { get; }

    /// <summary>When the next webhook that has nothing due now will have something.</summary>
    public long? NextDueAt { get; }

    /// <summary>
    /// The heads of the queue, from <c>@From</c> on, and the breakers of all webhooks that have one: one look into the index for each webhook, so that
    /// one with a million rows costs no more than one with a single row. What is due before <c>@From</c> is passed over with its dead rows.
    /// </summary>
    /// <param name="tables">The tables' names.</param>
    /// <param name="hint">What an engine has to be told about how to read the queue.</param>
    public static string Heads(WebhookTables tables, string hint = "") =>
        $"""
        select w.id, w.due_at, {BreakerColumns}
        from (select w.id, {BreakerColumns},
                     (select min(q.due_at) from {tables.Queue} q {hint} where q.webhook_id = w.id and q.due_at >= @From) as due_at
              from {tables.Webhooks} w) w
        where w.due_at is not null or {WebhookBreaker.IsThere}
        """;

    /// <summary>When the next operation is due, or its lease ends: one look into the index. Those that have ended are not in that part of it.</summary>
    /// <param name="tables">The tables' names.</param>
    /// <param name="hint">What an engine has to be told about how to read the operations.</param>
    public static string OperationDueAt(WebhookTables tables, string hint = "") =>
        $"(select min(o.due_at) from {tables.Operations} o {hint} where o.due_at is not null)";

    /// <summary>A row of <see cref="Heads"/>.</summary>
    public static QueueHead ReadHead(DbDataReader row)
    {
        var id = row.GetInt64(0);
        var status = (BreakerStatus)Convert.ToInt32(row.GetValue(2), CultureInfo.InvariantCulture);
        var pausedUntil = row.GetValue(5) as long?;
        return new QueueHead
        {
            WebhookId = id,
            DueAt = row.GetValue(1) as long?,
            Breaker = status == BreakerStatus.Closed && pausedUntil is null ? null : new WebhookBreaker
            {
                WebhookId = id,
                Status = status,
                Sequence = row.GetInt64(3),
                Openings = row.GetInt32(4),
                PausedUntil = pausedUntil,
                PauseReason = pausedUntil is null ? null : (PauseReason)Convert.ToInt32(row.GetValue(6), CultureInfo.InvariantCulture),
                SlowStart = row.GetValue(7) as int?,
            },
        };
    }
}
