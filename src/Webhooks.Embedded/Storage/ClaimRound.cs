namespace Webhooks.Embedded.Storage;

/// <summary>The earliest due time of a webhook in the queue; a delivery that is leased is due when its lease ends.</summary>
internal sealed class QueueHead
{
    public long WebhookId { get; init; }

    public long DueAt { get; init; }
}

/// <summary>
/// Whom a claim serves: all webhooks that have something due and room, each once, from where the last round ended. For engines that read
/// the heads of the queue first, by <see cref="Heads"/>, and then claim of those webhooks that are due.
/// </summary>
internal sealed class ClaimRound
{
    public ClaimRound(IReadOnlyCollection<QueueHead> heads, ClaimRequest request)
    {
        WebhookIds =
        [
            .. heads.Where(head => head.DueAt <= request.Now && !request.Excluded.Contains(head.WebhookId))
                .Select(head => head.WebhookId)
                .OrderBy(id => id <= request.AfterWebhookId)
                .ThenBy(id => id),
        ];
        NextDueAt = heads.Where(head => head.DueAt > request.Now).Min(head => (long?)head.DueAt);
    }

    /// <summary>In the order in which they are served.</summary>
    public long[] WebhookIds { get; }

    /// <summary>When the next webhook that has nothing due now will have something.</summary>
    public long? NextDueAt { get; }

    /// <summary>
    /// The heads of the queue as <see cref="QueueHead"/>s, from <c>@From</c> on: one look into the index for each webhook, so that a webhook
    /// with a million rows costs no more than one with a single row. What is due before <c>@From</c> is passed over with its dead rows.
    /// </summary>
    /// <param name="tables">The tables' names.</param>
    /// <param name="hint">What an engine has to be told about how to read the queue.</param>
    public static string Heads(WebhookTables tables, string hint = "") =>
        $"""
        select h.webhook_id as WebhookId, h.due_at as DueAt
        from (select w.id as webhook_id, (select min(q.due_at) from {tables.Queue} q {hint} where q.webhook_id = w.id and q.due_at >= @From) as due_at
              from {tables.Webhooks} w) h
        where h.due_at is not null
        """;
}
