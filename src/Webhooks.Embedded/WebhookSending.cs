namespace Webhooks.Embedded;

/// <summary>What became of sending an event to one webhook.</summary>
/// <param name="WebhookId">The webhook's number.</param>
/// <param name="DeliveryId">The delivery; null where there is none.</param>
/// <param name="Result">What became of it.</param>
public sealed record WebhookSending(long WebhookId, long? DeliveryId, WebhookRetryResult Result);

/// <summary>A test event that was published for one webhook.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="DeliveryId">Its one delivery.</param>
public sealed record WebhookTest(Guid EventId, long DeliveryId);
