using System.Data.Common;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Publishing;

/// <summary>Checks what an app wants to publish, and serialises it once. Whatever is refused is refused here, before the store is asked.</summary>
internal sealed class EventDrafts(TriggerCatalogue triggers, LiveOptions options)
{
    private const int MaxTenantLength = 100;
    private const int MaxTextLength = 255;

    public EventDraft Of<T>(T payload, PublishOptions publishOptions)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(publishOptions);
        return Of(triggers.Find(typeof(T)), PayloadSerializer.Serialize(payload, typeof(T), MaxPayloadBytes), publishOptions);
    }

    public EventDraft Of(string trigger, object payload, PublishOptions? publishOptions)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (payload is DbTransaction)
        {
            // What the compiler makes of a payload that is text, and a transaction.
            throw new ArgumentException("The payload is a transaction. Name the trigger first, then the payload, then the transaction.", nameof(payload));
        }

        return Of(
            triggers.Find(trigger), PayloadSerializer.Serialize(payload, payload.GetType(), MaxPayloadBytes), publishOptions ?? new PublishOptions());
    }

    public EventDraft OfJson(string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? publishOptions) =>
        Of(triggers.Find(trigger), PayloadSerializer.Check(utf8Json, MaxPayloadBytes), publishOptions ?? new PublishOptions());

    private int MaxPayloadBytes => options.Current.MaxPayloadBytes;

    private static EventDraft Of(WebhookTrigger trigger, byte[] payload, PublishOptions publishOptions)
    {
        Check(publishOptions);
        return new EventDraft
        {
            Trigger = trigger.Name,

            // Null, from code that does not check for it, is no tenant as well.
            Tenant = publishOptions.Tenant ?? "",
            Target = publishOptions.Target,
            IdempotencyKey = publishOptions.IdempotencyKey,
            Payload = payload,
        };
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
