namespace Webhooks.Embedded.AspNetCore;

/// <summary>Options of the DocSpace-shaped API.</summary>
public sealed class DocSpaceWebhooksOptions
{
    /// <summary>
    /// How long a request to retry waits for what comes of it. When the time is over, the answer has status 0, and the retry goes on.
    /// </summary>
    /// <value>Default: 10 seconds. From 0, which does not wait, to 5 minutes.</value>
    public TimeSpan RetryWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a webhook is created and enabled only if its receiver answers HEAD with 2xx within 10 seconds, as in DocSpace. Many receivers
    /// take POST alone.
    /// </summary>
    /// <value>Default: false.</value>
    public bool ProbeOnCreate { get; set; }
}
