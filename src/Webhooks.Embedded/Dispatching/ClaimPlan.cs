namespace Webhooks.Embedded.Dispatching;

/// <summary>What a claim may bring.</summary>
/// <param name="Max">How many deliveries; 0: none.</param>
/// <param name="MaxPerWebhook">How many of each webhook that is not named.</param>
/// <param name="RoomOf">How many of each of these webhooks.</param>
internal sealed record ClaimPlan(int Max, int MaxPerWebhook, IReadOnlyDictionary<long, int> RoomOf)
{
    public int Of(long webhookId) => RoomOf.GetValueOrDefault(webhookId, MaxPerWebhook);
}
