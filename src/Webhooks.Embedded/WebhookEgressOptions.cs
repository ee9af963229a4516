namespace Webhooks.Embedded;

/// <summary>
/// Where webhooks may lead. By default to the public Internet alone: an address inside the app's own network is refused, whoever
/// registers it and whatever name resolves to it.
/// </summary>
/// <remarks>Read live; connections that are open already are closed within 2 minutes.</remarks>
public sealed class WebhookEgressOptions
{
    /// <summary>
    /// Networks that webhooks may reach although they are not public, as CIDR blocks such as <c>10.1.0.0/16</c> or <c>fd12:3456::/32</c>.
    /// With at least one of them, names of the inside are taken too: those of one label, and those that end in <c>.internal</c> or
    /// <c>.local</c>. The machine's own, link-local and metadata addresses are not opened by it: see <see cref="AllowLoopback"/> and
    /// <see cref="AllowMetadata"/>.
    /// </summary>
    /// <value>Default: empty.</value>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>
    /// Whether webhooks may reach the machine that the app runs on: 127.0.0.0/8, ::1 and <c>localhost</c>, over http too. For development;
    /// elsewhere it opens whatever trusts local callers. Logged at the start.
    /// </summary>
    /// <value>Default: false.</value>
    public bool AllowLoopback { get; set; }

    /// <summary>
    /// Whether webhooks may reach link-local addresses (169.254.0.0/16, fe80::/10) and those at which clouds hand out credentials to their
    /// machines (such as 169.254.169.254, 168.63.129.16, 100.100.100.200, fd00:ec2::254). Logged at the start.
    /// </summary>
    /// <value>Default: false.</value>
    public bool AllowMetadata { get; set; }

    /// <summary>Whether webhooks may have URLs with http, over which everybody on the way can read and change what is sent.</summary>
    /// <value>Default: false.</value>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Ports beyond those that are open anyway: 80, 443, and 1024 to 65535 without those that browsers refuse (the Fetch standard's bad
    /// ports, such as 6000 or 6667), behind which other protocols listen.
    /// </summary>
    /// <value>Default: empty. From 1 to 65,535.</value>
    public IList<int> AllowedPorts { get; set; } = [];

    /// <summary>
    /// Whether a webhook may ask for its receiver's certificate not to be verified (<see cref="WebhookSettings.VerifyTls"/>), so that one that is
    /// self-signed, out of date or for another name is taken too. Whoever is on the way can then read what is sent and answer in the
    /// receiver's place. Where it is false, certificates are verified for these webhooks as well. Logged when it is made use of.
    /// </summary>
    /// <value>Default: false.</value>
    public bool AllowUnverifiedTls { get; set; }
}
