using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Publishes a test event: for one webhook alone, whatever its filters are, and otherwise as any other event is.</summary>
internal sealed class TestEvents(WebhookDirectory webhooks, StoreWriter writer, EventDeliveries deliveries, BreakerRepository breakers, DispatchSignal signal, StoreClock clock, IWebhookTriggers triggers)
{
    /// <summary>How people tell test events apart.</summary>
    public const string KeyPrefix = "webhooks-test-";

    public async Task<WebhookTest?> SendAsync(long webhookId, string? trigger, TenantScope scope, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked anew: another node may have registered the webhook a moment ago.
            var known = await webhooks.RefreshAsync(cancellationToken);
            if (known.Find(webhookId) is not { } webhook || (scope.Tenant is not null && scope.Tenant != webhook.Tenant))
            {
                return null;
            }

            if (!webhook.Enabled)
            {
                throw new WebhookDisabledException(webhookId);
            }

            var newEvent = EventFor(webhook, TriggerFor(webhook, trigger), known.Version);

            // Durable when this returns. If the process dies before, the caller has not been told of an event.
            await writer.WriteAsync(newEvent, cancellationToken);
            if (newEvent.Result == NewEventResult.Stored)
            {
                // Whoever sends a test wants to see now whether the receiver works.
                if (await breakers.EndPauseAsync(webhookId, cancellationToken))
                {
                    signal.Wake();
                }

                return new WebhookTest(newEvent.Uid, await DeliveryOfAsync(newEvent, scope, cancellationToken));
            }

            // A webhook changed meanwhile, perhaps this one: look again.
            webhooks.Expect(known.Version + 1);
        }
    }

    private NewEvent EventFor(KnownWebhook webhook, WebhookTrigger trigger, long version)
    {
        var uid = Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(clock.Now));
        return new NewEvent
        {
            Uid = uid,
            Trigger = trigger.Name,
            Tenant = webhook.Tenant,
            Target = webhook.Target,
            IdempotencyKey = $"{KeyPrefix}{uid}",
            Payload = TestPayload.For(trigger),
            Deliveries = [new NewDelivery(webhook.Id)],
            CatalogueVersion = version,
        };
    }

    private WebhookTrigger TriggerFor(KnownWebhook webhook, string? name)
    {
        if (name is not null)
        {
            return triggers.TryFind(name, out var named)
                ? named
                : throw new WebhookValidationException("trigger", "unknown_trigger", $"'{name}' is not in the catalogue of triggers.");
        }

        return triggers.All.FirstOrDefault(trigger => webhook.Patterns.Any(pattern => TriggerPattern.Matches(pattern, trigger.Name)))
            ?? throw new WebhookValidationException(
                "trigger", "required", "The webhook wants no trigger that is in the catalogue now. Name one, or change what it wants.");
    }

    private async Task<long> DeliveryOfAsync(NewEvent newEvent, TenantScope scope, CancellationToken cancellationToken)
    {
        if (newEvent is { StoredEarlier: false, Deliveries: [var delivery] })
        {
            return delivery.Id;
        }

        // The answer to the commit was lost, and the numbers with it.
        var own = scope.Tenant is { } tenant ? deliveries.ForTenant(tenant) : deliveries;
        return (await own.FindAsync(newEvent.Uid, webhookId: null, cancellationToken))[0].Id;
    }
}
