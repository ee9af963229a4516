using System.Net;

namespace Webhooks.Embedded.Egress;

/// <summary>What <see cref="WebhookEgressOptions"/> must be. A network that opens nothing is a slip, which the app should hear of.</summary>
internal static class EgressOptionRules
{
    public static IEnumerable<string> Check(WebhookEgressOptions options)
    {
        for (var i = 0; i < options.AllowedNetworks.Count; i++)
        {
            if (Fault(options.AllowedNetworks[i]) is { } fault)
            {
                yield return $"Egress:AllowedNetworks:{i} is {options.AllowedNetworks[i]}; {fault}";
            }
        }

        for (var i = 0; i < options.AllowedPorts.Count; i++)
        {
            if (options.AllowedPorts[i] is < 1 or > ushort.MaxValue)
            {
                yield return $"Egress:AllowedPorts:{i} is {options.AllowedPorts[i]}; it must be from 1 to {ushort.MaxValue}.";
            }
        }
    }

    private static string? Fault(string? text)
    {
        // What is set beyond the prefix would be ignored: 10.1.2.3/8 is all of 10.0.0.0/8, which is hardly what was meant.
        if (!IPNetwork.TryParse(text, out var network) || !network.BaseAddress.Equals(IPAddress.Parse(text.AsSpan(0, text!.IndexOf('/', StringComparison.Ordinal)))))
        {
            return "it must be a CIDR block such as 10.1.0.0/16, 10.1.2.3/32 or fd12:3456::/32, with nothing set beyond its prefix.";
        }

        if (network.BaseAddress.IsIPv4MappedToIPv6)
        {
            return "write it as an IPv4 network.";
        }

        // A wider block has rows of several kinds; of those it opens what it can.
        return AddressRanges.KindOfAll(network) switch
        {
            AddressKind.Loopback => "the machine itself is opened by Egress:AllowLoopback, not here.",
            AddressKind.Metadata => "link-local and metadata addresses are opened by Egress:AllowMetadata, not here.",
            AddressKind.Never => "webhooks cannot go there.",
            AddressKind.Public => "it is on the Internet, which is open anyway.",
            _ => null,
        };
    }
}
