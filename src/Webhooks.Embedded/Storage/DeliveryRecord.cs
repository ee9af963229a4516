namespace Webhooks.Embedded.Storage;

/// <summary>What is to be recorded of a leased delivery. It counts only while the lease holds.</summary>
internal sealed class DeliveryRecord
{
    private DeliveryRecord(LeasedDelivery delivery, AttemptData? attempt, DeliveryStep step)
    {
        Delivery = delivery;
        Attempt = attempt;
        Step = step;
    }

    public LeasedDelivery Delivery { get; }

    /// <summary>The attempt that was made; null where none was.</summary>
    public AttemptData? Attempt { get; }

    public DeliveryStep Step { get; }

    /// <summary>How it was finished, for <see cref="DeliveryStep.Finish"/>.</summary>
    public WebhookDeliveryStatus Status { get; private init; }

    /// <summary>When it was finished, or when it is due again.</summary>
    public long At { get; private init; }

    /// <summary>Set by the writer: whether the lease still held. If not, nothing but the attempt was recorded.</summary>
    public bool LeaseHeld { get; set; }

    /// <summary>Set by the writer: the webhook's counters after this attempt and those that were recorded with it; null where it does well, or they could not be counted yet.</summary>
    public WebhookCounters? Counters { get; set; }

    /// <summary>It leaves the queue.</summary>
    public static DeliveryRecord Finish(LeasedDelivery delivery, AttemptData? attempt, WebhookDeliveryStatus status, long at) =>
        new(delivery, attempt, DeliveryStep.Finish) { Status = status, At = at };

    /// <summary>It is due again after a failed attempt.</summary>
    public static DeliveryRecord Retry(LeasedDelivery delivery, AttemptData attempt, long dueAt) =>
        new(delivery, attempt, DeliveryStep.Retry) { At = dueAt };

    /// <summary>It waits for a person.</summary>
    public static DeliveryRecord Park(LeasedDelivery delivery, AttemptData? attempt) => new(delivery, attempt, DeliveryStep.Park);

    /// <summary>It was not sent; any node may have it now.</summary>
    public static DeliveryRecord Release(LeasedDelivery delivery, long dueAt) => new(delivery, null, DeliveryStep.Release) { At = dueAt };
}

internal enum DeliveryStep
{
    Finish,
    Retry,
    Park,
    Release,
}
