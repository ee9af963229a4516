namespace Webhooks.Embedded.Storage;

/// <summary>Where the writer hands over fresh deliveries, leased already, so that the happy path needs no claim.</summary>
internal interface IHandover
{
    /// <summary>Keeps a place for a delivery to this webhook. False where there is none: the delivery is stored as due, for whichever node has room.</summary>
    bool TryReserve(long webhookId, int payloadBytes);

    /// <summary>Gives a place back: the delivery was not stored.</summary>
    void Cancel(long webhookId, int payloadBytes);

    /// <summary>Takes a delivery for which a place was kept. It is stored.</summary>
    void Accept(LeasedDelivery delivery);

    /// <summary>Says that a delivery to this webhook was stored as due now, for any node: there was no place for it.</summary>
    void LeftBehind(long webhookId);

    /// <summary>Says that deliveries are due at this time, for any node.</summary>
    void NotifyDue(long dueAt);
}
