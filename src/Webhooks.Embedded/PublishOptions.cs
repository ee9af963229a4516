namespace Webhooks.Embedded;

/// <summary>What an app may say about an event beside its trigger and payload.</summary>
public sealed class PublishOptions
{
    /// <summary>Whose event this is. Only webhooks of the same tenant get it.</summary>
    /// <value>Default: the empty string, the tenant of apps that have none. At most 100 characters.</value>
    public string Tenant { get; set; } = "";

    /// <summary>What the event is about, such as an order's id. Webhooks that name a target get only events of that target.</summary>
    /// <value>Default: null, which no webhook with a target gets. At most 255 characters.</value>
    public string? Target { get; set; }

    /// <summary>
    /// Makes publishing safe to repeat: a second event of the tenant with the same key is not stored, and the first one's id is returned.
    /// A key is remembered as long as its event is kept (<see cref="WebhookRetentionOptions.Log"/>).
    /// </summary>
    /// <value>Default: null, every call publishes. At most 255 characters.</value>
    public string? IdempotencyKey { get; set; }
}
