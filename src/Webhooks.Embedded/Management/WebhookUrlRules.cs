using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Management;

/// <summary>
/// What a webhook's URL must look like, and where it must not lead as far as it tells itself. What its name leads to is decided when a
/// connection is made: whatever a look-up says here may be otherwise then, and whoever registers names would learn what they lead to inside.
/// </summary>
internal static class WebhookUrlRules
{
    private const int MaxLength = 2048;

    public static IEnumerable<WebhookFieldError> Check(string? url, WebhookEgressOptions egress)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            return [Error("required", "It is missing. Give an absolute URL such as https://example.com/webhooks.")];
        }

        if (url.Length > MaxLength)
        {
            return [Error("too_long", $"It has {url.Length} characters; at most {MaxLength} are allowed.")];
        }

        // RFC 3986 has ASCII only; what looks like a slash or a dot in other alphabets is how hosts are faked.
        if (url.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') || url.Contains('\\', StringComparison.Ordinal))
        {
            return [Error("invalid_url", "It holds white space, a backslash, or characters beyond ASCII. Percent-encode them; write names of hosts in punycode (xn--…).")];
        }

        if (!IsHttp(url) || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !HasHost(uri))
        {
            return [Error("invalid_url", "It is not an absolute http or https URL, such as https://example.com/webhooks.")];
        }

        return new EgressRules(egress).Check(uri) is { } refusal ? [Error(refusal.Code, refusal.Message)] : [];
    }

    private static bool IsHttp(string url) =>
        url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static bool HasHost(Uri uri) => uri.HostNameType switch
    {
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => true,
        UriHostNameType.Dns => uri.Host.Length <= 253 && uri.Host.TrimEnd('.').Split('.').All(IsLabel),
        _ => false,
    };

    // As names are looked up (RFC 1035 §2.3.1), and with the underscore that some use all the same.
    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static WebhookFieldError Error(string code, string message) => new("url", code, message);
}
