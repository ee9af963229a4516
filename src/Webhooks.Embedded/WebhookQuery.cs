namespace Webhooks.Embedded;

/// <summary>Which webhooks to list.</summary>
public sealed record WebhookQuery
{
    /// <summary>Only webhooks of this tenant. Default: null, of all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only enabled (true) or disabled (false) ones. Default: null, both.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Where to go on: <see cref="WebhookPage{T}.Next"/> of the page before. Default: null, the first page.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many at most, 1 to 1,000. Default: 50.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Which events to list.</summary>
public sealed record WebhookEventQuery
{
    /// <summary>Only events of this tenant. Default: null, of all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only events of this trigger. Default: null, of all.</summary>
    public string? Trigger { get; init; }

    /// <summary>Only events published at this time or later. Default: null.</summary>
    public DateTimeOffset? PublishedFrom { get; init; }

    /// <summary>Only events published at this time or earlier. Default: null.</summary>
    public DateTimeOffset? PublishedTo { get; init; }

    /// <summary>Whether each event comes with its payload. Default: false.</summary>
    public bool IncludePayload { get; init; }

    /// <summary>Where to go on: <see cref="WebhookPage{T}.Next"/> of the page before. Default: null, the newest events.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many at most, 1 to 1,000. Default: 50.</summary>
    public int Limit { get; init; } = 50;
}
