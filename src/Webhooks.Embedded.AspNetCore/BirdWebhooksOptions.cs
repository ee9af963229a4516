namespace Webhooks.Embedded.AspNetCore;

/// <summary>Options of the Bird-shaped API.</summary>
public sealed class BirdWebhooksOptions
{
    /// <summary>
    /// The organization that everything here belongs to. It stands in every row; in a path, any other one is not found.
    /// </summary>
    /// <value>Default: the UUID that is all zeros.</value>
    public Guid OrganizationId { get; set; }

    /// <summary>The services that a subscription can be for.</summary>
    /// <value>Default: Bird's own, which are channels, numbers, payments and conversations. At least one.</value>
    public IList<string> Services { get; set; } = ["channels", "numbers", "payments", "conversations"];

    /// <summary>How many subscriptions a workspace may have for the same service, event and filters. One more is refused.</summary>
    /// <value>Default: 5, as Bird has it. From 1 to 1,000.</value>
    public int MaxPerFilter { get; set; } = 5;

    /// <summary>
    /// Whether this API takes urls that Bird does not: <c>http://</c>, with a port, with an address instead of a name. Such as a developer's
    /// own receiver.
    /// </summary>
    /// <value>Default: false.</value>
    public bool AllowAnyUrl { get; set; }

    /// <summary>When failed attempts are followed by another, for webhooks that are created by this API (<see cref="WebhookSettings.RetryDelays"/>).</summary>
    /// <value>Default: null, Bird's own, which are 36 attempts in 8 hours: after 10 s, each wait half as long again as the one before, up to 19 m.</value>
    public IReadOnlyList<TimeSpan>? RetryDelays { get; set; }
}
