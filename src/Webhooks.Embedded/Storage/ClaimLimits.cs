namespace Webhooks.Embedded.Storage;

/// <summary>How many deliveries of each webhook a claim may bring: as many as the node has room for, and as its breaker lets through.</summary>
internal sealed class ClaimLimits(ClaimRequest request, IEnumerable<WebhookBreaker> breakers)
{
    private readonly Dictionary<long, WebhookBreaker> _breakers = breakers.ToDictionary(breaker => breaker.WebhookId);

    /// <summary>How many of this webhook; 0: none.</summary>
    public int Of(long webhookId) => Math.Min(
        request.RoomOf.GetValueOrDefault(webhookId, request.MaxPerWebhook),
        _breakers.GetValueOrDefault(webhookId)?.Most(request.Now) ?? int.MaxValue);

    /// <summary>When what is due at this time can be claimed: a paused webhook's deliveries wait for the end of the pause.</summary>
    public long ReadyAt(long webhookId, long dueAt) =>
        _breakers.GetValueOrDefault(webhookId)?.PausedUntil is { } pausedUntil ? Math.Max(dueAt, pausedUntil) : dueAt;
}
