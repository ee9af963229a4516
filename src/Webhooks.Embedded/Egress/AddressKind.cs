namespace Webhooks.Embedded.Egress;

/// <summary>What an address is, by who has to allow that webhooks reach it.</summary>
internal enum AddressKind
{
    /// <summary>On the Internet: always allowed.</summary>
    Public,

    /// <summary>Not on the Internet: <see cref="WebhookEgressOptions.AllowedNetworks"/> opens it.</summary>
    Inside,

    /// <summary>Another way of writing an IPv4 address, which must be allowed as well.</summary>
    Translated,

    /// <summary>The machine itself: <see cref="WebhookEgressOptions.AllowLoopback"/> opens it.</summary>
    Loopback,

    /// <summary>Link-local, or where a cloud talks to its machines: <see cref="WebhookEgressOptions.AllowMetadata"/> opens it.</summary>
    Metadata,

    /// <summary>Nothing a webhook can be sent to, or another way of writing what is not seen through: nothing opens it.</summary>
    Never,
}
