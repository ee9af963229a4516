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
}
