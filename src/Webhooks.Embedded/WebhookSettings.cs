namespace Webhooks.Embedded;

/// <summary>What a caller may set on a webhook.</summary>
public sealed record WebhookSettings
{
    /// <summary>Whose webhook it is; set on creation, never changed.</summary>
    /// <value>Default: the empty string, the tenant of apps that have none. At most 100 characters.</value>
    public string Tenant { get; init; } = "";

    /// <summary>What people call it.</summary>
    /// <value>Required. At most 255 characters, no control characters.</value>
    public string Name { get; init; } = "";

    /// <summary>Where deliveries go.</summary>
    /// <value>
    /// Required. An absolute https URL of at most 2,048 characters, without user information and fragment, that does not lead inside; http
    /// and networks of the app's own where <see cref="WebhooksOptions.Egress"/> allows them.
    /// </value>
    public string Url { get; init; } = "";

    /// <summary>What the webhook wants: names of triggers, a prefix such as <c>order.*</c>, or <c>*</c> for all, also future ones.</summary>
    /// <value>Required. 1 to 100 patterns, each of which matches a trigger of the catalogue.</value>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>If set, the webhook gets only events of this target.</summary>
    /// <value>Default: null. At most 255 characters.</value>
    public string? Target { get; init; }

    /// <summary>If not empty, the webhook gets only events whose payload has all these values.</summary>
    /// <value>Default: empty. At most 10.</value>
    public IReadOnlyList<WebhookFilter> Filters { get; init; } = [];

    /// <summary>
    /// The signature profile whose headers are sent beside those of Standard Webhooks: <c>docspace</c>, <c>baanx</c>, <c>bird</c>, or one that
    /// the app added with <c>AddSignatureProfile</c>.
    /// </summary>
    /// <value>Default: null, Standard Webhooks alone.</value>
    public string? SignatureProfile { get; init; }

    /// <summary>What the app keeps with the webhook: a JSON object, which is shown to people and never sent to receivers.</summary>
    /// <value>Default: null. At most 4,096 characters.</value>
    public string? Metadata { get; init; }

    /// <summary>Whether the webhook gets events.</summary>
    /// <value>Default: true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether the receiver's certificate is verified.</summary>
    /// <value>Default: true.</value>
    public bool VerifyTls { get; init; } = true;

    /// <summary>How long an attempt may take, instead of <see cref="WebhooksOptions.Timeout"/>.</summary>
    /// <value>Default: null, the app's. From 100 milliseconds to 5 minutes; it counts as far as <see cref="WebhooksOptions.LeaseDuration"/> allows.</value>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long to wait after each failed attempt, instead of <see cref="WebhookRetryOptions.Delays"/>.</summary>
    /// <value>Default: null, the app's. At most 100 delays of up to 30 days. Empty: one attempt and no retry.</value>
    public IReadOnlyList<TimeSpan>? RetryDelays { get; init; }

    /// <summary>How many attempts a second all nodes together make at most. What is over that waits, and uses up no attempt.</summary>
    /// <value>Default: null, as many as there are. From 1 to 10,000.</value>
    public int? RateLimit { get; init; }

    /// <summary>
    /// Headers that its requests have beside those of the library. Their values are stored like secrets and never shown again, so that
    /// <see cref="Webhook.HeaderNames"/> has the names alone.
    /// </summary>
    /// <value>Default: null. On creation there are none; on change those that are there stay. Empty: they are taken away. At most 20, of 8,192 characters together.</value>
    public IReadOnlyList<WebhookHeader>? Headers { get; init; }

    /// <summary>
    /// The secret to sign with. One that starts with <c>whsec_</c> is base64 of 24 to 64 bytes, as Standard Webhooks has it; any other is
    /// 8 to 256 printable ASCII characters, used as they are.
    /// </summary>
    /// <value>Default: null. On creation a <c>whsec_</c> secret of 32 random bytes is made; on change the old one stays.</value>
    public string? Secret { get; init; }

    /// <summary>Who registers it. Set on creation, never changed.</summary>
    /// <value>Default: null. At most 255 characters.</value>
    public string? CreatedBy { get; init; }

    /// <summary>Without the secret, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(WebhookSettings)} {{ Name = {Name}, Url = {Url}, Tenant = {Tenant} }}";
}
