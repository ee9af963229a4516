namespace Webhooks.Embedded;

/// <summary>Options of the library; the configuration section is <c>Webhooks</c> by convention.</summary>
/// <remarks>
/// Read live, so that a change of the configuration takes effect without a restart: <see cref="Timeout"/>, <see cref="Retry"/>,
/// <see cref="Breaker"/>, <see cref="DisableAfter"/>, <see cref="Retention"/>, <see cref="PollInterval"/>, <see cref="MaxPayloadBytes"/>,
/// <see cref="MaxWebhooksPerTenant"/>, <see cref="Egress"/>. Read at the start: the others.
/// </remarks>
public sealed class WebhooksOptions
{
    /// <summary>How long an attempt may take, from name resolution to the last byte of the response's headers.</summary>
    /// <value>
    /// Default: 15 seconds. From 100 milliseconds to 5 minutes. What is set while the app runs counts as far as
    /// <see cref="LeaseDuration"/>, read at the start, allows.
    /// </value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// For how long a node has a delivery that it claimed. When a node dies, its deliveries wait for the rest of their leases.
    /// Must exceed <see cref="Timeout"/> by 5 seconds at least: the response's body (2 s) and the recording of the outcome (1 s) need their
    /// time; what is left is how long a delivery may wait in memory for its turn (2 s at least).
    /// </summary>
    /// <value>Default: 60 seconds. At most 1 hour.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many attempts this node makes at once. As many successes again may be waiting for their commit, so twice this is how many deliveries can
    /// be sent twice when the node dies. A failure counts until it is durable.
    /// </summary>
    /// <value>Default: 256. From 1 to 10,000.</value>
    public int Concurrency { get; set; } = 256;

    /// <summary>
    /// How many attempts this node makes at once to one webhook. Four times as many successes may be waiting for their commit, so five times this is
    /// how many of its deliveries can be sent twice when the node dies.
    /// </summary>
    /// <value>Default: 16. From 1 to <see cref="Concurrency"/>; a larger value counts as that.</value>
    public int ConcurrencyPerWebhook { get; set; } = 16;

    /// <summary>
    /// How many attempts this node makes at once for one tenant, so that one that publishes or retries a great deal does not hold up the others.
    /// The tenant of apps that have none, the empty string, is not limited.
    /// </summary>
    /// <value>Default: null, half of <see cref="Concurrency"/>. From 1 to <see cref="Concurrency"/>; a larger value counts as that.</value>
    public int? ConcurrencyPerTenant { get; set; }

    /// <summary>How long the dispatcher waits at most before it looks for due deliveries that other nodes left. Its own it knows of.</summary>
    /// <value>Default: 1 second. From 10 milliseconds to 1 minute.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How large a payload may be.</summary>
    /// <value>Default: 1,048,576 bytes. From 1 KB to 64 MB.</value>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>How many webhooks a tenant may have; without tenants, the app. Those it has already stay when the limit is lowered.</summary>
    /// <value>Default: 1,000. From 0 to 1,000,000; 0 is no limit.</value>
    public int MaxWebhooksPerTenant { get; set; } = 1000;

    /// <summary>What the node does about the schema of the store when it starts.</summary>
    /// <value>Default: Apply. Read at the start. <see cref="IWebhookSchema"/> has the script for the other modes.</value>
    public WebhookMigrationMode Migrations { get; set; } = WebhookMigrationMode.Apply;

    /// <summary>When failed attempts are followed by another.</summary>
    public WebhookRetryOptions Retry { get; set; } = new();

    /// <summary>When a webhook whose attempts fail is left alone for a while.</summary>
    public WebhookBreakerOptions Breaker { get; set; } = new();

    /// <summary>
    /// For how long no attempt of a webhook may succeed before it is disabled and its deliveries are parked, if at least as many have failed in a row as
    /// open its breaker. Observers are warned after 1/5, 3/5 and 4/5 of that time.
    /// </summary>
    /// <value>Default: 5 days. From 1 hour to 365 days; zero: never.</value>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long what is finished is kept.</summary>
    public WebhookRetentionOptions Retention { get; set; } = new();

    /// <summary>Where webhooks may lead.</summary>
    public WebhookEgressOptions Egress { get; set; } = new();
}

/// <summary>When a failed attempt is followed by another.</summary>
public sealed class WebhookRetryOptions
{
    /// <summary>
    /// How long to wait after each failed attempt; when the list is at its end, the delivery is exhausted. A list in the configuration
    /// replaces the default as a whole.
    /// </summary>
    /// <value>
    /// Default, with the first attempt at once the ten steps of the Standard Webhooks specification: 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    /// At most 100 delays of up to 30 days. Empty: one attempt and no retry.
    /// </value>
    public IList<TimeSpan> Delays { get; set; } =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>By which part of itself a delay is made longer or shorter at random, so that retries do not come in waves.</summary>
    /// <value>Default: 0.2, that is ±20 %. From 0 to 1.</value>
    public double Jitter { get; set; } = 0.2;
}

/// <summary>How long what is finished is kept. What is not finished is never deleted.</summary>
public sealed class WebhookRetentionOptions
{
    /// <summary>How long finished deliveries, their attempts and their events are kept, operations that have ended, and webhooks' former URLs.</summary>
    /// <value>Default: 7 days. Zero: for ever.</value>
    public TimeSpan Log { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the payload of an event is kept, once all its deliveries are finished. Without its payload a delivery cannot be retried.</summary>
    /// <value>Default: zero, as long as the event itself.</value>
    public TimeSpan Payload { get; set; } = TimeSpan.Zero;
}
