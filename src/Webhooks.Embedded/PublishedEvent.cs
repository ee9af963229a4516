namespace Webhooks.Embedded;

/// <summary>What became of a call to publish.</summary>
/// <param name="Id">The event's id, a version 7 UUID. Receivers see it as <c>webhook-id</c>, the same on every attempt.</param>
/// <param name="Deliveries">How many webhooks get the event. 0 is no error: nobody asked for this trigger.</param>
/// <param name="IsDuplicate">Whether an earlier event had the same idempotency key; <paramref name="Id"/> is that event's, and nothing was stored.</param>
public sealed record PublishedEvent(Guid Id, int Deliveries, bool IsDuplicate);
