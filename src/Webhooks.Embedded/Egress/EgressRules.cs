using System.Net;
using System.Text;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// Where webhooks may lead, by the options of this moment. Registration asks about URLs, for clear words early; what counts is that every
/// new connection asks again, about its URL and about the very address that is connected to.
/// </summary>
internal sealed class EgressRules(WebhookEgressOptions options)
{
    private readonly IPNetwork[] _networks = [.. options.AllowedNetworks.Select(IPNetwork.Parse)];

    /// <summary>Why webhooks must not lead to a URL, as far as the URL itself tells; null where they may.</summary>
    public EgressRefusal? Check(Uri url)
    {
        if (CheckForm(url) is { } refusal)
        {
            return refusal;
        }

        if (HostOf(url) is not { } host)
        {
            return new("invalid_url", "Its host is no name that can be looked up. Write names in punycode (xn--…).");
        }

        return CheckHost(host) ?? CheckPort(url.Port) ?? CheckScheme(url, host);
    }

    /// <param name="address">An address as it is connected to: not mapped.</param>
    public bool Allows(IPAddress address) => AddressRanges.KindOf(address) switch
    {
        AddressKind.Public => true,
        AddressKind.Inside => IsInAllowedNetwork(address),
        AddressKind.Translated => IsInAllowedNetwork(address) && Allows(AddressRanges.TranslatedFrom(address)),
        AddressKind.Loopback => options.AllowLoopback,
        AddressKind.Metadata => options.AllowMetadata,
        _ => false,
    };

    /// <summary>The host as it is looked up; null where there is none to look up.</summary>
    public static string? HostOf(Uri url)
    {
        // "①②⑦.⓪.⓪.①" is 127.0.0.1 or a name, and a full-width slash a fault or a name, as this machine has data about characters or not.
        if (!Ascii.IsValid(url.Host))
        {
            return null;
        }

        try
        {
            return url.IdnHost.Trim('[', ']');
        }
        catch (Exception exception) when (exception is UriFormatException or ArgumentException)
        {
            // It cannot be mapped to what a name may hold, such as a punycode that stands for nothing.
            return null;
        }
    }

    /// <summary>Whether a name stands for the machine itself, and must lead nowhere else.</summary>
    public static bool IsLocal(string name) => IsOrEndsWith(name, "localhost");

    private static EgressRefusal? CheckForm(Uri url)
    {
        if (HasUserInfo(url.OriginalString))
        {
            return new("invalid_url", "It holds user information. Receivers know a webhook by its signature; leave name and password out.");
        }

        return url.Fragment.Length > 0 ? new("invalid_url", "It has a fragment (#…), which is never sent. Leave it out.") : null;
    }

    // Not by what the parsed URL says, which makes nothing of an empty one: https://@example.com.
    private static bool HasUserInfo(string url)
    {
        var authority = url.AsSpan(url.IndexOf("//", StringComparison.Ordinal) + 2);
        var end = authority.IndexOfAny('/', '?', '#');
        return (end < 0 ? authority : authority[..end]).Contains('@');
    }

    private EgressRefusal? CheckHost(string host) => IPAddress.TryParse(host, out var address) ? CheckLiteral(AddressRanges.Unmapped(address)) : CheckName(host);

    private EgressRefusal? CheckLiteral(IPAddress address) => Allows(address) ? null : AddressRanges.KindOf(address) switch
    {
        AddressKind.Loopback => Loopback(address.ToString()),
        AddressKind.Metadata => Forbidden($"{address} is a link-local address, or one at which a cloud talks to its machines. Only the app can allow it (option Egress:AllowMetadata)."),
        AddressKind.Inside or AddressKind.Translated => Forbidden($"{address} is not on the Internet. Only the app can allow the network it is in (option Egress:AllowedNetworks)."),
        _ => Forbidden($"{address} is no address that a webhook can be sent to."),
    };

    private EgressRefusal? CheckName(string name)
    {
        if (name.EndsWith('.'))
        {
            return new("invalid_url", "Its host ends with a dot. Leave it out.");
        }

        var lastLabel = name.AsSpan(name.LastIndexOf('.') + 1);
        if (!lastLabel.ContainsAnyExceptInRange('0', '9') || lastLabel.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return new("invalid_url", "Its host ends in a number and is no IP address.");
        }

        if (IsLocal(name))
        {
            return options.AllowLoopback ? null : Loopback(name);
        }

        return _networks.Length == 0 && IsOfTheInside(name)
            ? Forbidden($"{name} is a name of the inside of a network. Only the app can allow that network (option Egress:AllowedNetworks).")
            : null;
    }

    private static bool IsOfTheInside(string name) =>
        !name.Contains('.', StringComparison.Ordinal) || IsOrEndsWith(name, "internal") || IsOrEndsWith(name, "local");

    private EgressRefusal? CheckPort(int port) =>
        EgressPorts.IsOpen(port) || options.AllowedPorts.Contains(port)
            ? null
            : new("forbidden_port", $"Webhooks cannot go to port {port}. Only the app can allow it (option Egress:AllowedPorts).");

    private EgressRefusal? CheckScheme(Uri url, string host)
    {
        if (url.Scheme == Uri.UriSchemeHttps)
        {
            return null;
        }

        if (url.Scheme != Uri.UriSchemeHttp)
        {
            return new("invalid_url", "It is not an http or https URL.");
        }

        // What stays on the machine cannot be read on the way.
        return options.AllowHttp || (options.AllowLoopback && IsLoopback(host))
            ? null
            : new("https_required", "It must start with https://. Only the app can allow http (option Egress:AllowHttp).");
    }

    private static bool IsLoopback(string host) =>
        IPAddress.TryParse(host, out var address)
            ? AddressRanges.KindOf(AddressRanges.Unmapped(address)) == AddressKind.Loopback
            : IsLocal(host);

    private static bool IsOrEndsWith(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');

    private bool IsInAllowedNetwork(IPAddress address) => _networks.Any(network => network.Contains(address));

    private static EgressRefusal Loopback(string host) =>
        Forbidden($"{host} is the machine that the app runs on. Only the app can allow it (option Egress:AllowLoopback).");

    private static EgressRefusal Forbidden(string message) => new("forbidden_address", message);
}
