using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Publishing;

/// <summary>An event to be published, checked and serialised: everything but who gets it, which is found out when it is written.</summary>
internal sealed class EventDraft
{
    public required string Trigger { get; init; }

    public required string Tenant { get; init; }

    public required string? Target { get; init; }

    public required string? IdempotencyKey { get; init; }

    /// <summary>Stored, signed and sent are these bytes.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>The event with a delivery for each of these webhooks that wants it, to be stored while the store has this version of them.</summary>
    public NewEvent For(WebhookSnapshot webhooks, long version, long now) => new()
    {
        Uid = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(now)),
        Trigger = Trigger,
        Tenant = Tenant,
        Target = Target,
        IdempotencyKey = IdempotencyKey,
        Payload = Payload,
        Deliveries = webhooks.Match(Tenant, Trigger, Target, Payload),
        CatalogueVersion = version,
    };

    /// <summary>What to tell the publisher's caller; null where the webhooks changed after they were matched, and nothing was stored.</summary>
    /// <exception cref="WebhookIdempotencyConflictException">The key belongs to another event.</exception>
    public PublishedEvent? Answer(NewEvent written) => written.Result switch
    {
        NewEventResult.Stored => new PublishedEvent(written.Uid, written.Deliveries.Count, IsDuplicate: false),
        NewEventResult.Duplicate => new PublishedEvent(written.ExistingUid, 0, IsDuplicate: true),
        NewEventResult.Conflict => throw new WebhookIdempotencyConflictException(IdempotencyKey!, written.ExistingUid),
        _ => null,
    };
}
