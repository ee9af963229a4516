using System.Net;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

public sealed class EgressRulesTests
{
    private static readonly string[] Inside = ["10.0.0.0/8", "fd12:3456::/32"];

    /// <summary>Every spelling of what is on the machine, beside it, or inside of a cloud; numbered as in the catalogue of bad inputs.</summary>
    public static TheoryData<string, string> Forbidden => new()
    {
        { "U20", "http://localhost" },
        { "U21", "http://localhost." },
        { "U22", "http://LOCALHOST" },
        { "U23", "http://foo.localhost" },
        { "U24", "http://127.0.0.1" },
        { "U25", "http://127.1" },
        { "U26", "http://127.0.1" },
        { "U27", "http://2130706433" },
        { "U28", "http://0x7f000001" },
        { "U29", "http://0x7f.1" },
        { "U30", "http://0177.0.0.1" },
        { "U31", "http://017700000001" },
        { "U32", "http://0/" },
        { "U33", "http://127.0.0.1." },
        { "U34", "http://①②⑦.⓪.⓪.①" },
        { "U35", "http://127。0。0。1" },
        { "U36", "http://[::1]" },
        { "U37", "http://[::]" },
        { "U38", "http://[::ffff:127.0.0.1]" },
        { "U39", "http://[::ffff:7f00:1]" },
        { "U40", "http://[::127.0.0.1]" },
        { "U41", "http://[64:ff9b::7f00:1]" },
        { "U42", "http://[64:ff9b:1::1]" },
        { "U43", "http://[2002:7f00:1::]" },
        { "U44", "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]" },
        { "U45", "http://[fe80::1%25eth0]" },
        { "U46", "http://[fd00:ec2::254]" },
        { "U47", "http://[fec0::1]" },
        { "U48", "http://[ff02::1]" },
        { "U50", "http://169.254.169.254/latest" },
        { "U51", "http://0xa9fea9fe" },
        { "U52", "http://169.254.43518" },
        { "U53", "http://168.63.129.16" },
        { "U54", "http://100.100.100.200" },
        { "U55", "http://metadata.google.internal" },
        { "single label", "http://intranet" },
        { "mDNS", "http://printer.local" },
        { "too many numbers", "http://1.1.1.1.1" },
        { "too large numbers", "http://256.256.256.256" },
        { "a number too large", "http://4294967296" },
        { "ends in hexadecimal", "http://1.2.3.0x4g" },
        { "trailing dot", "http://example.com." },
        { "upper case", "http://METADATA.GOOGLE.INTERNAL" },
        { "loopback, not the first", "http://127.255.255.254" },
        { "zone", "http://[fe80::1%251]" },
        { "site of SIIT", "http://[::ffff:0:127.0.0.1]" },
    };

    [Theory, MemberData(nameof(Forbidden))]
    public void No_spelling_leads_inside(string number, string url)
    {
        foreach (var scheme in new[] { "http", "https" })
        {
            var refusal = Check(url.Replace("http:", scheme + ":", StringComparison.Ordinal), new() { AllowHttp = true });
            Assert.True(refusal?.Code is "forbidden_address" or "invalid_url", $"{number} {url}: {refusal}");
        }
    }

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://example.com/a%2Fb?c=%2F&d=%20")]
    [InlineData("https://[2606:4700::1111]/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("https://0x01010101/")]
    [InlineData("https://example.com:8443/")]
    [InlineData("https://notlocalhost.com/")]
    [InlineData("https://localhost.example.com/")]
    [InlineData("https://local.internal.example/")]
    [InlineData("https://127.0.0.1.nip.io/")]
    [InlineData("https://localtest.me/")]
    [InlineData("https://0x7f.example.com/")]
    [InlineData("https://1.2.3.4.example")]
    public void What_is_on_the_Internet_is_taken_and_so_is_a_name_whose_address_is_not_known_yet(string url) => Assert.Null(Check(url));

    [Theory]
    [InlineData("https://example.com／evil", "invalid_url")]
    [InlineData("https://user:pw@example.com", "invalid_url")]
    [InlineData("https://@example.com", "invalid_url")]
    [InlineData("https://good.com@127.0.0.1", "invalid_url")]
    [InlineData("https://example.com/#part", "invalid_url")]
    [InlineData("ftp://example.com", "forbidden_port")]
    [InlineData("ftp://example.com:443", "invalid_url")]
    [InlineData("ws://example.com", "invalid_url")]
    [InlineData("file:///etc/passwd", "invalid_url")]
    [InlineData("http://example.com", "https_required")]
    [InlineData("https://example.com:0", "forbidden_port")]
    [InlineData("https://example.com:22", "forbidden_port")]
    public void A_url_of_another_form_is_refused_with_a_reason(string url, string code) => Assert.Equal(code, Check(url)?.Code);

    [Theory]
    [InlineData(80, true)]
    [InlineData(443, true)]
    [InlineData(1024, true)]
    [InlineData(3000, true)]
    [InlineData(6001, true)]
    [InlineData(8080, true)]
    [InlineData(10081, true)]
    [InlineData(65535, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(22, false)]
    [InlineData(25, false)]
    [InlineData(79, false)]
    [InlineData(81, false)]
    [InlineData(442, false)]
    [InlineData(444, false)]
    [InlineData(1023, false)]
    [InlineData(1719, false)]
    [InlineData(2049, false)]
    [InlineData(5061, false)]
    [InlineData(6000, false)]
    [InlineData(6665, false)]
    [InlineData(6669, false)]
    [InlineData(6697, false)]
    [InlineData(10080, false)]
    public void A_port_is_open_or_is_opened_by_the_app(int port, bool isOpen)
    {
        var url = $"https://example.com:{port}/";
        Assert.Equal(isOpen ? null : "forbidden_port", Check(url)?.Code);
        Assert.Null(Check(url, new() { AllowedPorts = [port] }));
    }

    [Theory]
    [InlineData("https://10.1.1.1/", "AllowedNetworks")]
    [InlineData("https://172.16.0.1/", "AllowedNetworks")]
    [InlineData("https://[fd99::1]/", "AllowedNetworks")]
    [InlineData("https://intranet/", "AllowedNetworks")]
    [InlineData("https://127.0.0.1/", "AllowLoopback")]
    [InlineData("https://localhost/", "AllowLoopback")]
    [InlineData("https://169.254.169.254/", "AllowMetadata")]
    [InlineData("https://168.63.129.16/", "AllowMetadata")]
    [InlineData("https://example.com:22/", "AllowedPorts")]
    [InlineData("http://example.com/", "AllowHttp")]
    public void A_refusal_names_the_option_that_would_allow_it(string url, string option) =>
        Assert.Contains($"(option Egress:{option})", Check(url)!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.1.1.1", true)]
    [InlineData("fd12:3456::1", true)]
    [InlineData("11.0.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("fd12:3457::1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("0.0.0.0", false)]
    public void An_allowed_network_opens_itself_and_nothing_else(string address, bool allowed) =>
        Assert.Equal(allowed, new EgressRules(new() { AllowedNetworks = Inside }).Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("fd00:ec2::254")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    [InlineData("::7f00:1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("::ffff:0:7f00:1")]
    public void Not_even_all_networks_open_the_machine_its_link_or_a_metadata_service(string address) =>
        Assert.False(new EgressRules(new() { AllowedNetworks = ["0.0.0.0/0", "::/0"] }).Allows(IPAddress.Parse(address)));

    [Fact]
    public void What_a_translator_makes_of_an_IPv4_address_needs_both_to_be_allowed()
    {
        var translator = new EgressRules(new() { AllowedNetworks = ["64:ff9b::/96"] });
        Assert.True(translator.Allows(IPAddress.Parse("64:ff9b::808:808")));
        Assert.False(translator.Allows(IPAddress.Parse("64:ff9b::a01:101")));
        Assert.True(new EgressRules(new() { AllowedNetworks = ["64:ff9b::/96", "10.0.0.0/8"] }).Allows(IPAddress.Parse("64:ff9b::a01:101")));
    }

    [Theory]
    [InlineData("127.0.0.1", true, false)]
    [InlineData("127.9.9.9", true, false)]
    [InlineData("::1", true, false)]
    [InlineData("169.254.169.254", false, true)]
    [InlineData("fe80::1", false, true)]
    [InlineData("168.63.129.16", false, true)]
    [InlineData("100.100.100.200", false, true)]
    [InlineData("fd00:ec2::254", false, true)]
    [InlineData("10.0.0.1", false, false)]
    [InlineData("0.0.0.0", false, false)]
    public void The_flags_open_what_they_say(string address, bool byLoopback, bool byMetadata)
    {
        Assert.Equal(byLoopback, new EgressRules(new() { AllowLoopback = true }).Allows(IPAddress.Parse(address)));
        Assert.Equal(byMetadata, new EgressRules(new() { AllowMetadata = true }).Allows(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("https://intranet/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://printer.local/")]
    public void Names_of_the_inside_are_taken_once_a_network_is_allowed(string url) =>
        Assert.Null(Check(url, new() { AllowedNetworks = Inside }));

    [Theory]
    [InlineData("http://localhost:5080/sink")]
    [InlineData("http://acme.localhost:5080/sink")]
    [InlineData("http://127.0.0.1:5080/sink")]
    [InlineData("http://127.1:5080/sink")]
    [InlineData("http://[::1]:5080/sink")]
    [InlineData("http://[::ffff:127.0.0.1]:5080/sink")]
    public void The_machine_itself_once_allowed_may_be_reached_by_http(string url)
    {
        Assert.Null(Check(url, new() { AllowLoopback = true }));
        Assert.Equal("forbidden_address", Check(url, new() { AllowHttp = true, AllowedNetworks = Inside })?.Code);
    }

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("http://10.1.1.1")]
    [InlineData("http://127.0.0.1.nip.io")]
    public void Nothing_else_may_be_reached_by_http_unless_that_is_allowed(string url)
    {
        var options = new WebhookEgressOptions { AllowLoopback = true, AllowedNetworks = Inside };
        Assert.Equal("https_required", Check(url, options)?.Code);
        options.AllowHttp = true;
        Assert.Null(Check(url, options));
    }

    private static EgressRefusal? Check(string url, WebhookEgressOptions? options = null) => new EgressRules(options ?? new()).Check(new Uri(url));
}
