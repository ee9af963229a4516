namespace Webhooks.Embedded;

/// <summary>A registered receiver.</summary>
public sealed record Webhook
{
    /// <summary>The number of the webhook, in the order of registration.</summary>
    public required long Id { get; init; }

    /// <summary>The UUID of the webhook.</summary>
    public required Guid Uid { get; init; }

    /// <summary>Whose webhook it is; empty where the app has no tenants.</summary>
    public required string Tenant { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Where its deliveries go.</summary>
    public required string Url { get; init; }

    /// <summary>What it wants: names of triggers, a prefix such as <c>order.*</c>, or <c>*</c>.</summary>
    public required IReadOnlyList<string> Triggers { get; init; }

    /// <summary>If not null, it gets only events of this target.</summary>
    public required string? Target { get; init; }

    /// <summary>If not empty, it gets only events whose payload has all these values.</summary>
    public required IReadOnlyList<WebhookFilter> Filters { get; init; }

    /// <summary>The signature profile whose headers it gets beside those of Standard Webhooks.</summary>
    public required string? SignatureProfile { get; init; }

    /// <summary>What the app keeps with it: a JSON object.</summary>
    public required string? Metadata { get; init; }

    /// <summary>The last four characters of its newest secret, so that people can tell secrets apart; empty where the secret is shorter than 16.</summary>
    public required string SecretHint { get; init; }

    /// <summary>Raised by every change of its settings, its state or its secret, for <see cref="IWebhookRegistry.ChangeAsync(long, WebhookSettings, long, CancellationToken)"/>.</summary>
    public required long Version { get; init; }

    /// <summary>Whether it gets events.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why it is disabled, where that is known.</summary>
    public required string? DisabledReason { get; init; }

    /// <summary>Whether the receiver's certificate is verified.</summary>
    public required bool VerifyTls { get; init; }

    /// <summary>How long an attempt may take; null: as the app's options say.</summary>
    public required TimeSpan? Timeout { get; init; }

    /// <summary>How long to wait after each failed attempt; null: as the app's options say.</summary>
    public required IReadOnlyList<TimeSpan>? RetryDelays { get; init; }

    /// <summary>How many attempts a second are made at most; null: as many as there are.</summary>
    public required int? RateLimit { get; init; }

    /// <summary>The names of the headers that its requests have beside those of the library. Their values are never shown.</summary>
    public IReadOnlyList<string> HeaderNames { get; init; } = [];

    /// <summary>
    /// Whether this node can read its secret and the values of its headers. If not, the keys that these were protected with are missing: its
    /// deliveries are parked, and go on by themselves when the keys are back.
    /// </summary>
    public bool SecretReadable { get; init; } = true;

    /// <summary>Who registered it, as the app said.</summary>
    public required string? CreatedBy { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its settings last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When an attempt last succeeded.</summary>
    public required DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>When an attempt last failed.</summary>
    public required DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>Why the last failed attempt failed.</summary>
    public required string? LastFailure { get; init; }

    /// <summary>The HTTP status of the last attempt; null where there was none, or no answer.</summary>
    public required int? LastStatusCode { get; init; }

    /// <summary>Whether it is sent to as usual, and since when it fails.</summary>
    public required WebhookHealth Health { get; init; }

    /// <summary>The settings as they are, to be changed with <c>with</c> and given to <see cref="IWebhookRegistry.ChangeAsync(long, WebhookSettings, CancellationToken)"/>. Without the secret.</summary>
    public WebhookSettings ToSettings() => new()
    {
        Tenant = Tenant,
        Name = Name,
        Url = Url,
        Triggers = Triggers,
        Target = Target,
        Filters = Filters,
        SignatureProfile = SignatureProfile,
        Metadata = Metadata,
        Enabled = Enabled,
        VerifyTls = VerifyTls,
        Timeout = Timeout,
        RetryDelays = RetryDelays,
        RateLimit = RateLimit,
        CreatedBy = CreatedBy,
    };
}

/// <summary>A webhook and the secret it signs with. The secret is shown once, on creation and on rotation.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Secret">The secret to give to the receiver. Not to be logged.</param>
public sealed record WebhookWithSecret(Webhook Webhook, string Secret)
{
    /// <summary>Without the secret, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(WebhookWithSecret)} {{ Webhook = {Webhook} }}";
}
