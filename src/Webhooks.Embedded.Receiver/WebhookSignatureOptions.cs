namespace Webhooks.Embedded;

/// <summary>How <c>RequireWebhookSignature</c> verifies.</summary>
public sealed class WebhookSignatureOptions
{
    internal static readonly TimeSpan DefaultTolerance = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The secrets, any of which may have signed; several while one is being rotated. One that starts with <c>whsec_</c> is base64, any
    /// other is used as its UTF-8 bytes.
    /// </summary>
    /// <value>Default: empty. At least one is required.</value>
    public IList<string> Secrets { get; set; } = [];

    /// <summary>How far the timestamp may be from this clock, in either direction.</summary>
    /// <value>Default: 5 minutes. More than zero.</value>
    public TimeSpan Tolerance { get; set; } = DefaultTolerance;

    /// <summary>How large a body may be; a larger one is answered with 413 before it is read to its end.</summary>
    /// <value>Default: 1,048,576 bytes. At least 1.</value>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>The clock that timestamps are compared with.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
