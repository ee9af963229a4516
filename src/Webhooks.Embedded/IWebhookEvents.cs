namespace Webhooks.Embedded;

/// <summary>Reads published events.</summary>
public interface IWebhookEvents
{
    /// <summary>The same for one tenant: what belongs to others is not found.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookEvents ForTenant(string tenant);

    /// <summary>The event with this id and its payload, or null.</summary>
    Task<WebhookEvent?> FindAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>A page of events without their payloads, the newest first.</summary>
    /// <exception cref="WebhookValidationException">The cursor or the limit is not valid.</exception>
    Task<WebhookPage<WebhookEvent>> ListAsync(WebhookEventQuery query, CancellationToken cancellationToken = default);
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
