namespace Webhooks.Embedded;

/// <summary>Reads published events, sends them again, and sends test events.</summary>
public interface IWebhookEvents
{
    /// <summary>The same for one tenant: what belongs to others is not found.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookEvents ForTenant(string tenant);

    /// <summary>The event with this id and its payload, or null.</summary>
    Task<WebhookEvent?> FindAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>A page of events, the newest first; without their payloads unless the query wants them.</summary>
    /// <exception cref="WebhookValidationException">The cursor or the limit is not valid.</exception>
    Task<WebhookPage<WebhookEvent>> ListAsync(WebhookEventQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes a test event for one webhook alone, whatever its filters are. It is durable, signed, retried and in the log as any other event;
    /// its idempotency key begins with <c>webhooks-test-</c>, by which people tell it apart.
    /// </summary>
    /// <param name="webhookId">The webhook's number.</param>
    /// <param name="trigger">A trigger of the catalogue, whose example is sent. Default: the first one that the webhook wants.</param>
    /// <param name="cancellationToken">Stops waiting. The event may be stored all the same once it is on its way to the disk.</param>
    /// <returns>The event and its delivery, or null where there is no such webhook.</returns>
    /// <exception cref="WebhookDisabledException">The webhook is disabled. Nothing was stored.</exception>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the webhook wants none that is.</exception>
    /// <exception cref="WebhookStoreException">The store could not take the event; nothing is stored.</exception>
    Task<WebhookTest?> SendTestAsync(long webhookId, string? trigger = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends an event again: makes its deliveries due now, as <see cref="IWebhookDeliveries.RetryAsync(long, CancellationToken)"/> does. Where one
    /// webhook is named that has no delivery of the event, it gets one, whatever triggers and filters it has; there is never more than one,
    /// also when this is called twice at once. Returns when that is durable; the attempts themselves follow.
    /// </summary>
    /// <param name="eventId">The event.</param>
    /// <param name="webhookId">The number of a webhook of the event's tenant. Default: every webhook that has a delivery of the event.</param>
    /// <param name="cancellationToken">Cancels the call. For an event of more than 1,000 webhooks, some of them may have been sent to by then.</param>
    /// <returns>What became of it for each webhook, or null where there is no such event.</returns>
    Task<IReadOnlyList<WebhookSending>?> SendAgainAsync(Guid eventId, long? webhookId = null, CancellationToken cancellationToken = default);
}

/// <summary>One occurrence of a trigger, published once.</summary>
public sealed record WebhookEvent
{
    /// <summary>The event's id, a version 7 UUID; receivers see it as <c>webhook-id</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The trigger that occurred.</summary>
    public required string Trigger { get; init; }

    /// <summary>Whose event it is; empty where the app has no tenants.</summary>
    public required string Tenant { get; init; }

    /// <summary>What it is about, where the app said so.</summary>
    public required string? Target { get; init; }

    /// <summary>The idempotency key it was published with.</summary>
    public required string? IdempotencyKey { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>The payload's size in bytes.</summary>
    public required int PayloadSize { get; init; }

    /// <summary>The bytes that are signed and sent. Null in lists, and once <see cref="WebhookRetentionOptions.Payload"/> has taken them.</summary>
    public required ReadOnlyMemory<byte>? Payload { get; init; }
}
