namespace Webhooks.Embedded.Storage;

/// <summary>A delivery that this node has for its lease, with all that an attempt needs. Where it goes and how it is signed is read at the last moment.</summary>
internal sealed class LeasedDelivery
{
    /// <summary>What the log says of an attempt whose node never reported.</summary>
    public const string InterruptedError =
        "The node that had the delivery stopped, or lost its lease, before it recorded an outcome. The request may have been sent.";

    public required long Id { get; init; }

    /// <summary>The event's number, by which rows refer to it.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's id, which receivers see.</summary>
    public required Guid EventUid { get; init; }

    public required string Trigger { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required long WebhookId { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>The fence: whatever is recorded counts only while the row still has this number.</summary>
    public required long LeaseSequence { get; init; }

    /// <summary>How often it was claimed since an outcome was last recorded, this time included.</summary>
    public required int Claims { get; init; }

    /// <summary>How many attempts were made before.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the lease was taken, by the node's monotonic clock; never later than in store time.</summary>
    public required long ClaimedTimestamp { get; init; }

    /// <summary>
    /// Where this node has taken the turn of a webhook that is paused for everybody else: the breaker's sequence number after that. It holds as long as
    /// nobody changes the breaker.
    /// </summary>
    public long? Turn { get; set; }

    /// <summary>Whether its attempt was over quickly, whatever came of it; null where none was made.</summary>
    public bool? AnsweredQuickly { get; set; }
}
