using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// What every address is: one table, of which the first row that holds the address counts. IPv4 is public but for what is listed; IPv6 is
/// not, but for the part that has been given out (2000::/3), so that what is made up later is closed until somebody has looked at it.
/// </summary>
internal static class AddressRanges
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] IPv4 = Table(
        ("168.63.129.16/32", AddressKind.Metadata),     // Azure's WireServer: public by its number, yet the inside of every machine there
        ("100.100.100.200/32", AddressKind.Metadata),   // Alibaba Cloud
        ("192.0.0.192/32", AddressKind.Metadata),       // Oracle Cloud
        ("169.254.0.0/16", AddressKind.Metadata),       // link-local, and nearly everybody's metadata
        ("127.0.0.0/8", AddressKind.Loopback),
        ("0.0.0.0/8", AddressKind.Never),               // "this network"; 0.0.0.0 is the machine itself on Linux
        ("224.0.0.0/4", AddressKind.Never),             // multicast
        ("240.0.0.0/4", AddressKind.Never),             // reserved, and broadcast
        ("10.0.0.0/8", AddressKind.Inside),
        ("100.64.0.0/10", AddressKind.Inside),          // behind a carrier's NAT
        ("172.16.0.0/12", AddressKind.Inside),
        ("192.0.0.0/24", AddressKind.Inside),           // protocol assignments
        ("192.0.2.0/24", AddressKind.Inside),           // documentation
        ("192.88.99.0/24", AddressKind.Inside),         // 6to4 relays
        ("192.168.0.0/16", AddressKind.Inside),
        ("198.18.0.0/15", AddressKind.Inside),          // benchmarks
        ("198.51.100.0/24", AddressKind.Inside),        // documentation
        ("203.0.113.0/24", AddressKind.Inside),         // documentation
        ("0.0.0.0/0", AddressKind.Public));

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    private static readonly (IPNetwork Network, AddressKind Kind)[] IPv6 = Table(
        ("::1/128", AddressKind.Loopback),
        ("fe80::/10", AddressKind.Metadata),            // link-local
        ("fd00:ec2::/32", AddressKind.Metadata),        // AWS
        ("fd20:ce::254/128", AddressKind.Metadata),     // Google Cloud
        ("::/96", AddressKind.Never),                   // unspecified, and IPv4 written in a way of old
        ("::ffff:0:0:0/96", AddressKind.Never),         // IPv4 of translators (SIIT)
        ("64:ff9b:1::/48", AddressKind.Never),          // IPv4 of local translators, each in its own way
        ("2001::/32", AddressKind.Never),               // Teredo: IPv4 in disguise
        ("ff00::/8", AddressKind.Never),                // multicast
        ("64:ff9b::/96", AddressKind.Translated),
        ("2002::/16", AddressKind.Translated),
        ("2001::/23", AddressKind.Inside),              // protocol assignments
        ("2001:db8::/32", AddressKind.Inside),          // documentation
        ("3fff::/20", AddressKind.Inside),              // documentation
        ("2000::/3", AddressKind.Public),
        ("::/0", AddressKind.Inside));

    /// <summary>The address itself, where it is an IPv4 address that is written as an IPv6 one.</summary>
    public static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <param name="address">Not one that is mapped: see <see cref="Unmapped"/>.</param>
    public static AddressKind KindOf(IPAddress address)
    {
        foreach (var (network, kind) in address.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        // Both tables end with a row that holds everything.
        return AddressKind.Never;
    }

    /// <summary>What all addresses of a network are; null where it has some of several kinds.</summary>
    public static AddressKind? KindOfAll(IPNetwork network)
    {
        foreach (var (row, kind) in network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6)
        {
            if (row.PrefixLength <= network.PrefixLength && row.Contains(network.BaseAddress))
            {
                return kind;
            }

            if (network.Contains(row.BaseAddress))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The IPv4 address that a <see cref="AddressKind.Translated"/> one stands for.</summary>
    public static IPAddress TranslatedFrom(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : throw new ArgumentException("It stands for no other address.", nameof(address));
    }

    private static (IPNetwork Network, AddressKind Kind)[] Table(params (string Network, AddressKind Kind)[] rows) =>
        [.. rows.Select(row => (IPNetwork.Parse(row.Network), row.Kind))];
}
