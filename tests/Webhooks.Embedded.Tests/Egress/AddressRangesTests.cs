using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

public sealed class AddressRangesTests
{
    /// <summary>Of every range its first address, one in the middle and its last, and their neighbours on both sides; and whoever is well known.</summary>
    public static TheoryData<string, object> Addresses => new()
    {
        { "0.0.0.0", AddressKind.Never },
        { "0.127.255.255", AddressKind.Never },
        { "0.255.255.255", AddressKind.Never },
        { "1.0.0.0", AddressKind.Public },
        { "9.255.255.255", AddressKind.Public },
        { "10.0.0.0", AddressKind.Inside },
        { "10.127.255.255", AddressKind.Inside },
        { "10.255.255.255", AddressKind.Inside },
        { "11.0.0.0", AddressKind.Public },
        { "100.63.255.255", AddressKind.Public },
        { "100.64.0.0", AddressKind.Inside },
        { "100.95.255.255", AddressKind.Inside },
        { "100.127.255.255", AddressKind.Inside },
        { "100.128.0.0", AddressKind.Public },
        { "126.255.255.255", AddressKind.Public },
        { "127.0.0.0", AddressKind.Loopback },
        { "127.127.255.255", AddressKind.Loopback },
        { "127.255.255.255", AddressKind.Loopback },
        { "128.0.0.0", AddressKind.Public },
        { "169.253.255.255", AddressKind.Public },
        { "169.254.0.0", AddressKind.Metadata },
        { "169.254.127.255", AddressKind.Metadata },
        { "169.254.255.255", AddressKind.Metadata },
        { "169.255.0.0", AddressKind.Public },
        { "172.15.255.255", AddressKind.Public },
        { "172.16.0.0", AddressKind.Inside },
        { "172.23.255.255", AddressKind.Inside },
        { "172.31.255.255", AddressKind.Inside },
        { "172.32.0.0", AddressKind.Public },
        { "191.255.255.255", AddressKind.Public },
        { "192.0.0.0", AddressKind.Inside },
        { "192.0.0.127", AddressKind.Inside },
        { "192.0.0.255", AddressKind.Inside },
        { "192.0.1.0", AddressKind.Public },
        { "192.0.1.255", AddressKind.Public },
        { "192.0.2.0", AddressKind.Inside },
        { "192.0.2.127", AddressKind.Inside },
        { "192.0.2.255", AddressKind.Inside },
        { "192.0.3.0", AddressKind.Public },
        { "192.88.98.255", AddressKind.Public },
        { "192.88.99.0", AddressKind.Inside },
        { "192.88.99.127", AddressKind.Inside },
        { "192.88.99.255", AddressKind.Inside },
        { "192.88.100.0", AddressKind.Public },
        { "192.167.255.255", AddressKind.Public },
        { "192.168.0.0", AddressKind.Inside },
        { "192.168.127.255", AddressKind.Inside },
        { "192.168.255.255", AddressKind.Inside },
        { "192.169.0.0", AddressKind.Public },
        { "198.17.255.255", AddressKind.Public },
        { "198.18.0.0", AddressKind.Inside },
        { "198.18.255.255", AddressKind.Inside },
        { "198.19.255.255", AddressKind.Inside },
        { "198.20.0.0", AddressKind.Public },
        { "198.51.99.255", AddressKind.Public },
        { "198.51.100.0", AddressKind.Inside },
        { "198.51.100.127", AddressKind.Inside },
        { "198.51.100.255", AddressKind.Inside },
        { "198.51.101.0", AddressKind.Public },
        { "203.0.112.255", AddressKind.Public },
        { "203.0.113.0", AddressKind.Inside },
        { "203.0.113.127", AddressKind.Inside },
        { "203.0.113.255", AddressKind.Inside },
        { "203.0.114.0", AddressKind.Public },
        { "223.255.255.255", AddressKind.Public },
        { "224.0.0.0", AddressKind.Never },
        { "231.255.255.255", AddressKind.Never },
        { "239.255.255.255", AddressKind.Never },
        { "240.0.0.0", AddressKind.Never },
        { "247.255.255.255", AddressKind.Never },
        { "255.255.255.255", AddressKind.Never },
        { "168.63.129.15", AddressKind.Public },
        { "168.63.129.16", AddressKind.Metadata },
        { "168.63.129.17", AddressKind.Public },
        { "::", AddressKind.Never },
        { "::7fff:ffff", AddressKind.Never },
        { "::ffff:ffff", AddressKind.Never },
        { "::1:0:0", AddressKind.Inside },
        { "::1", AddressKind.Loopback },
        { "::2", AddressKind.Never },
        { "::fffe:ffff:ffff:ffff", AddressKind.Inside },
        { "::ffff:0:0:0", AddressKind.Never },
        { "::ffff:0:7fff:ffff", AddressKind.Never },
        { "::ffff:0:ffff:ffff", AddressKind.Never },
        { "::ffff:1:0:0", AddressKind.Inside },
        { "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "64:ff9b::", AddressKind.Translated },
        { "64:ff9b::7fff:ffff", AddressKind.Translated },
        { "64:ff9b::ffff:ffff", AddressKind.Translated },
        { "64:ff9b::1:0:0", AddressKind.Inside },
        { "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "64:ff9b:1::", AddressKind.Never },
        { "64:ff9b:1:7fff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "64:ff9b:2::", AddressKind.Inside },
        { "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "100::", AddressKind.Inside },
        { "100::7fff:ffff:ffff:ffff", AddressKind.Inside },
        { "100::ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "100:0:0:1::", AddressKind.Inside },
        { "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "2001::", AddressKind.Never },
        { "2001:0:7fff:ffff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "2001:1::", AddressKind.Inside },
        { "2001:ff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "2001:200::", AddressKind.Public },
        { "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "2001:db8::", AddressKind.Inside },
        { "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "2001:db9::", AddressKind.Public },
        { "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "2002::", AddressKind.Translated },
        { "2002:7fff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Translated },
        { "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Translated },
        { "2003::", AddressKind.Public },
        { "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "3fff::", AddressKind.Inside },
        { "3fff:7ff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "3fff:1000::", AddressKind.Public },
        { "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "5f00::", AddressKind.Inside },
        { "5f00:7fff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "5f01::", AddressKind.Inside },
        { "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "fc00::", AddressKind.Inside },
        { "fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "fe00::", AddressKind.Inside },
        { "fd00:ec1:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "fd00:ec2::", AddressKind.Metadata },
        { "fd00:ec2:7fff:ffff:ffff:ffff:ffff:ffff", AddressKind.Metadata },
        { "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Metadata },
        { "fd00:ec3::", AddressKind.Inside },
        { "fd20:ce::253", AddressKind.Inside },
        { "fd20:ce::254", AddressKind.Metadata },
        { "fd20:ce::255", AddressKind.Inside },
        { "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "fe80::", AddressKind.Metadata },
        { "fe9f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Metadata },
        { "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Metadata },
        { "fec0::", AddressKind.Inside },
        { "fedf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "ff00::", AddressKind.Never },
        { "ff7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Never },
        { "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Inside },
        { "2000::", AddressKind.Public },
        { "2fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressKind.Public },
        { "4000::", AddressKind.Inside },
        { "100.100.100.199", AddressKind.Inside },
        { "100.100.100.200", AddressKind.Metadata },
        { "100.100.100.201", AddressKind.Inside },
        { "192.0.0.191", AddressKind.Inside },
        { "192.0.0.192", AddressKind.Metadata },
        { "192.0.0.193", AddressKind.Inside },
        { "169.254.169.254", AddressKind.Metadata },
        { "169.254.170.2", AddressKind.Metadata },
        { "127.0.0.1", AddressKind.Loopback },
        { "127.255.255.254", AddressKind.Loopback },
        { "1.1.1.1", AddressKind.Public },
        { "8.8.8.8", AddressKind.Public },
        { "9.9.9.9", AddressKind.Public },
        { "93.184.216.34", AddressKind.Public },
        { "52.95.110.1", AddressKind.Public },
        { "192.0.1.1", AddressKind.Public },
        { "172.15.0.1", AddressKind.Public },
        { "172.32.0.1", AddressKind.Public },
        { "100.128.0.1", AddressKind.Public },
        { "2606:4700::1111", AddressKind.Public },
        { "2001:4860:4860::8888", AddressKind.Public },
        { "2a00:1450:4001:81b::200e", AddressKind.Public },
        { "2600:1f18::1", AddressKind.Public },
        { "::7f00:1", AddressKind.Never },
        { "::a9fe:a9fe", AddressKind.Never },
        { "::ffff:0:7f00:1", AddressKind.Never },
        { "64:ff9b::7f00:1", AddressKind.Translated },
        { "64:ff9b::808:808", AddressKind.Translated },
        { "64:ff9b:1::1", AddressKind.Never },
        { "64:ff9b:2::1", AddressKind.Inside },
        { "2001:0:4136:e378:8000:63bf:3fff:fdd2", AddressKind.Never },
        { "2001:1::1", AddressKind.Inside },
        { "2001:20::1", AddressKind.Inside },
        { "2001:200::1", AddressKind.Public },
        { "2002:7f00:1::", AddressKind.Translated },
        { "2002:808:808::1", AddressKind.Translated },
        { "2001:db7:ffff::1", AddressKind.Public },
        { "2001:db9::1", AddressKind.Public },
        { "3ffe::1", AddressKind.Public },
        { "3fff:1000::1", AddressKind.Public },
        { "4000::1", AddressKind.Inside },
        { "1fff::1", AddressKind.Inside },
        { "fd00:ec2::254", AddressKind.Metadata },
        { "fd00:ec2::23", AddressKind.Metadata },
        { "fd00:ec1::1", AddressKind.Inside },
        { "fd00:ec3::1", AddressKind.Inside },
        { "fd12:3456::1", AddressKind.Inside },
        { "fe80::1", AddressKind.Metadata },
        { "fe80::a9fe:a9fe", AddressKind.Metadata },
        { "fec0::1", AddressKind.Inside },
        { "feff::1", AddressKind.Inside },
        { "ff02::1", AddressKind.Never },
        { "ff05::2", AddressKind.Never },
        { "::1:0:0:0:1", AddressKind.Inside },
        { "abcd::1", AddressKind.Inside },
        { "5f00::1", AddressKind.Inside },
        { "200::1", AddressKind.Inside },
    };

    [Theory, MemberData(nameof(Addresses))]
    public void Every_range_ends_where_it_should(string address, object kind) =>
        Assert.Equal((AddressKind)kind, AddressRanges.KindOf(IPAddress.Parse(address)));

    [Theory, MemberData(nameof(Addresses))]
    public void Unless_something_is_opened_only_the_Internet_may_be_reached(string address, object kind) =>
        Assert.Equal((AddressKind)kind == AddressKind.Public, new EgressRules(new()).Allows(IPAddress.Parse(address)));

    [Theory, MemberData(nameof(Addresses))]
    public void An_IPv4_address_is_the_same_when_it_is_written_as_one_of_IPv6(string address, object kind)
    {
        if (IPAddress.Parse(address) is { AddressFamily: AddressFamily.InterNetwork } mapped)
        {
            Assert.Equal((AddressKind)kind, AddressRanges.KindOf(AddressRanges.Unmapped(mapped.MapToIPv6())));
        }
    }

    [Fact]
    public void A_random_address_is_what_plain_arithmetic_says()
    {
        var random = new Random(20260101);
        var bytes = new byte[16];
        for (var i = 0; i < 200_000; i++)
        {
            // Near the edges of ranges more often than chance would have it.
            random.NextBytes(bytes);
            bytes.AsSpan(random.Next(17)).Fill(random.Next(2) == 0 ? (byte)0 : (byte)255);
            var IPv4 = new IPAddress(bytes.AsSpan(0, 4));
            var IPv6 = new IPAddress(bytes);

            Assert.True(IsPublic(BinaryPrimitives.ReadUInt32BigEndian(bytes)) == (AddressRanges.KindOf(IPv4) == AddressKind.Public), $"{IPv4}");
            Assert.True(IPv6.IsIPv4MappedToIPv6 || IsPublic(bytes) == (AddressRanges.KindOf(IPv6) == AddressKind.Public), $"{IPv6}");
        }
    }

    private static bool IsPublic(uint address) => (address >> 24) switch
    {
        0 or 10 or 127 or >= 224 => false,
        100 => (address >> 22) != ((100 << 2) | 1),
        168 => address != 0xA83F8110,
        169 => (address >> 16 & 255) != 254,
        172 => (address >> 20 & 15) != 1,
        192 => (address >> 8 & 0xFFFF) is not (0 or 2 or (88 << 8 | 99) or (>= 168 << 8 and <= (168 << 8 | 255))),
        198 => (address >> 17 & 127) != 9 && (address >> 8 & 0xFFFF) != (51 << 8 | 100),
        203 => (address >> 8 & 0xFFFF) != 113,
        _ => true,
    };

    private static bool IsPublic(byte[] address)
    {
        var first = address[0] << 8 | address[1];
        var second = address[2] << 8 | address[3];
        return (first & 0xE000) == 0x2000
            && !(first == 0x2001 && (second < 0x200 || second == 0xDB8))
            && first != 0x2002
            && !(first == 0x3FFF && second < 0x1000);
    }
}
