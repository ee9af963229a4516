namespace Webhooks.Embedded.Storage;

/// <summary>An event to be stored with its deliveries. The writer sets what became of it.</summary>
internal sealed class NewEvent
{
    public required Guid Uid { get; init; }

    public required string Trigger { get; init; }

    public required string Tenant { get; init; }

    public required string? Target { get; init; }

    public required string? IdempotencyKey { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>One for each webhook that wants the event.</summary>
    public required IReadOnlyList<NewDelivery> Deliveries { get; init; }

    /// <summary>Of which version of the webhooks that is true.</summary>
    public required long CatalogueVersion { get; init; }

    public NewEventResult Result { get; set; }

    /// <summary>The number it was stored under, by which rows refer to it.</summary>
    public long Id { get; set; }

    /// <summary>
    /// Set with <see cref="NewEventResult.Stored"/>: an earlier commit stored it, whose answer was lost. Nothing of it is handed over; its deliveries are due.
    /// </summary>
    public bool StoredEarlier { get; set; }

    /// <summary>For a duplicate: the event that has the idempotency key.</summary>
    public Guid ExistingUid { get; set; }
}

/// <summary>A delivery of a new event.</summary>
internal sealed class NewDelivery(long webhookId)
{
    public long WebhookId { get; } = webhookId;

    /// <summary>Whether the dispatcher keeps a place for it.</summary>
    public bool HasPlace { get; set; }

    /// <summary>
    /// Whether it is stored as leased by this node already, which then hands it over to the dispatcher. The store takes it back for an event
    /// that was stored by an earlier try: what that try leased is due.
    /// </summary>
    public bool Leased { get; set; }

    public long Id { get; set; }
}

internal enum NewEventResult
{
    /// <summary>Event and deliveries are stored.</summary>
    Stored,

    /// <summary>The webhooks changed since they were matched; nothing was stored.</summary>
    CatalogueChanged,

    /// <summary>An event with the same key, trigger and payload is there already; nothing was stored.</summary>
    Duplicate,

    /// <summary>An event with the same key but another trigger or payload is there already; nothing was stored.</summary>
    Conflict,
}
