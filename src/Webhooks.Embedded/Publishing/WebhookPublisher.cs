using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Publishing;

/// <summary>
/// The way of an event into the store: check, serialise once, find who wants it, write. When the write returns, event and deliveries are
/// durable, and those that this node has room for are on their way to the dispatcher (<see cref="StoreWriter"/>).
/// </summary>
internal sealed class WebhookPublisher(
    TriggerCatalogue triggers,
    WebhookDirectory webhooks,
    StoreWriter writer,
    WebhookDatabase database,
    StoreClock clock,
    LiveOptions options) : IWebhookPublisher
{
    private const int MaxTenantLength = 100;
    private const int MaxTextLength = 255;

    public Task<PublishedEvent> PublishAsync<T>(T payload, CancellationToken cancellationToken = default)
        where T : notnull => PublishAsync(payload, new PublishOptions(), cancellationToken);

    public Task<PublishedEvent> PublishAsync<T>(T payload, PublishOptions options, CancellationToken cancellationToken = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(options);
        return PublishAsync(triggers.Find(typeof(T)), Serialize(payload, typeof(T)), options, cancellationToken);
    }

    public Task<PublishedEvent> PublishAsync(
        string trigger, object payload, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return PublishAsync(triggers.Find(trigger), Serialize(payload, payload.GetType()), options ?? new PublishOptions(), cancellationToken);
    }

    public Task<PublishedEvent> PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishAsync(
            triggers.Find(trigger),
            PayloadSerializer.Check(utf8Json, MaxPayloadBytes),
            options ?? new PublishOptions(),
            cancellationToken);

    private int MaxPayloadBytes => options.Current.MaxPayloadBytes;

    private byte[] Serialize(object payload, Type type) => PayloadSerializer.Serialize(payload, type, MaxPayloadBytes);

    private async Task<PublishedEvent> PublishAsync(
        WebhookTrigger trigger, byte[] payload, PublishOptions publishOptions, CancellationToken cancellationToken)
    {
        Check(publishOptions);

        // Null, from code that does not check for it, is no tenant as well.
        var tenant = publishOptions.Tenant ?? "";
        await database.EnsureReadyAsync(cancellationToken);

        while (true)
        {
            var known = await webhooks.GetAsync(cancellationToken);
            var newEvent = new NewEvent
            {
                Uid = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(clock.Now)),
                Trigger = trigger.Name,
                Tenant = tenant,
                Target = publishOptions.Target,
                IdempotencyKey = publishOptions.IdempotencyKey,
                Payload = payload,
                Deliveries = known.Match(tenant, trigger.Name, publishOptions.Target),
                CatalogueVersion = known.Version,
            };

            // Durable when this returns. If the process dies before, the caller has not been told that the event is published.
            await writer.WriteAsync(newEvent, cancellationToken);
            switch (newEvent.Result)
            {
                case NewEventResult.Stored:
                    return new PublishedEvent(newEvent.Uid, newEvent.Deliveries.Count, IsDuplicate: false);
                case NewEventResult.Duplicate:
                    return new PublishedEvent(newEvent.ExistingUid, 0, IsDuplicate: true);
                case NewEventResult.Conflict:
                    throw new WebhookIdempotencyConflictException(publishOptions.IdempotencyKey!, newEvent.ExistingUid);
                default:
                    // A webhook changed after the matching, perhaps on another node: match again, or one might miss its event.
                    webhooks.Expect(known.Version + 1);
                    break;
            }
        }
    }

    private static void Check(PublishOptions options)
    {
        var errors = new List<WebhookFieldError>();
        CheckLength("tenant", options.Tenant, MaxTenantLength, allowEmpty: true, errors);
        CheckLength("target", options.Target, MaxTextLength, allowEmpty: false, errors);
        CheckLength("idempotencyKey", options.IdempotencyKey, MaxTextLength, allowEmpty: false, errors);
        if (errors.Count > 0)
        {
            throw new WebhookValidationException(errors);
        }
    }

    private static void CheckLength(string field, string? value, int max, bool allowEmpty, List<WebhookFieldError> errors)
    {
        if (value is null)
        {
            return;
        }

        if (value.Length > max)
        {
            errors.Add(new WebhookFieldError(field, "too_long", $"It has {value.Length} characters; at most {max} are allowed."));
        }
        else if (value.Length == 0 && !allowEmpty)
        {
            errors.Add(new WebhookFieldError(field, "empty", "It is empty. Leave it out, or give it a value."));
        }
        else if (!StoredText.IsStorable(value))
        {
            errors.Add(new WebhookFieldError(field, "invalid_character", "It holds U+0000, or half of a surrogate pair."));
        }
    }
}
