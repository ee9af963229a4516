using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// What headers may be added to a request, by a signature profile or by a webhook's settings. None must change what a request is, where it goes or
/// what else it says.
/// </summary>
internal static class HeaderRules
{
    public const int MaxHeaders = 20;
    public const int MaxNameLength = 64;
    public const int MaxValueLength = 1024;

    /// <summary>Of all names and values together.</summary>
    public const int MaxLength = 8 * 1024;

    // RFC 9110 §5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> ReservedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "HTTP2-Settings", "Expect", "Date", "User-Agent",
        "Cookie", "Set-Cookie", "Allow", "Expires", "Last-Modified", "traceparent", "tracestate", "baggage", "Forwarded",

        // What frameworks and proxies take for the method, the path, or who sent it.
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Original-Host", "X-Host", "X-Real-IP",

        // What clouds give their machines' secrets to.
        "Metadata", "Metadata-Flavor", "X-Google-Metadata-Request",
    };

    private static readonly string[] ReservedPrefixes =
        ["Content-", "Proxy-", "X-Forwarded-", "webhook-", "X-aws-ec2-metadata-token", "X-aliyun-ecs-metadata-token"];

    public static bool IsName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxNameLength } && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    public static bool IsReserved(string name)
    {
        // Where headers become variables (CGI, WSGI, PHP), Content_Length is Content-Length.
        name = name.Replace('_', '-');
        return ReservedNames.Contains(name) || ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
    }

    public static bool IsValue([NotNullWhen(true)] string? value) =>
        value is { Length: > 0 and <= MaxValueLength } && !value.AsSpan().ContainsAnyExceptInRange('\x20', '\x7e') && value.Trim() == value;
}
