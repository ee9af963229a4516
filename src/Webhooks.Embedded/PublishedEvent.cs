namespace Webhooks.Embedded;

/// <summary>What became of a call to publish.</summary>
/// <param name="Id">The event's id, a version 7 UUID. Receivers see it as <c>webhook-id</c>, the same on every attempt.</param>
/// <param name="Deliveries">How many webhooks get the event. 0 is no error: nobody asked for this trigger.</param>
/// <param name="IsDuplicate">Whether an earlier event had the same idempotency key; <paramref name="Id"/> is that event's, and nothing was stored.</param>
public sealed record PublishedEvent(Guid Id, int Deliveries, bool IsDuplicate)
{
    /// <summary>What <see cref="Notify"/> does; null where nobody waits for it.</summary>
    internal Action? AfterCommit { get; init; }

    /// <summary>
    /// For an event that was published in a transaction of the app: says that it is committed, so that this node's dispatcher looks for it at
    /// once. Without it, or where it comes before the commit, the event is found at most <see cref="WebhooksOptions.PollInterval"/> later.
    /// Otherwise it does nothing.
    /// </summary>
    public void Notify() => AfterCommit?.Invoke();

    /// <summary>Whether both say the same of the same event.</summary>
    /// <param name="other">Another answer, or null.</param>
    public bool Equals(PublishedEvent? other) =>
        other is not null && (Id, Deliveries, IsDuplicate) == (other.Id, other.Deliveries, other.IsDuplicate);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Deliveries, IsDuplicate);
}
