namespace Webhooks.Embedded.AspNetCore;

/// <summary>Options of the Baanx-shaped API.</summary>
public sealed class BaanxWebhooksOptions
{
    /// <summary>How many webhooks a tenant may have, whichever API they were created by. Creating one more is refused.</summary>
    /// <value>Default: 5, as Baanx has it. From 1 to 1,000.</value>
    public int MaxWebhooks { get; set; } = 5;

    /// <summary>Whether this API takes urls that start with <c>http://</c>, such as a developer's own receiver.</summary>
    /// <value>Default: false, only <c>https://</c>.</value>
    public bool AllowHttp { get; set; }

    /// <summary>What events show as their <c>sourceService</c>.</summary>
    /// <value>Default: null, the name of the app.</value>
    public string? SourceService { get; set; }

    /// <summary>
    /// Whether this API works on a node that does not deliver (<c>WithoutDispatcher()</c>), since others do. Where it does not, every request
    /// to such a node is refused with 503.
    /// </summary>
    /// <value>Default: false.</value>
    public bool DeliveredElsewhere { get; set; }

    /// <summary>How long an attempt may take for webhooks that are created by this API (<see cref="WebhookSettings.Timeout"/>).</summary>
    /// <value>Default: 30 seconds, as Baanx has it. Null: the app's. It counts as far as <see cref="WebhooksOptions.LeaseDuration"/> allows.</value>
    public TimeSpan? Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>When failed attempts are followed by another, for webhooks that are created by this API (<see cref="WebhookSettings.RetryDelays"/>).</summary>
    /// <value>Default, six attempts as Baanx has it: 1 s, 5 s, 30 s, 2 m, 10 m. Null: the app's.</value>
    public IReadOnlyList<TimeSpan>? RetryDelays { get; set; } =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(10),
    ];
}
