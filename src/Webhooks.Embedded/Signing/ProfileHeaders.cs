using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// What headers a signature profile may add. It must not change what a request is, where it goes or what else it says; and it is code of the
/// app, so that a fault is told rather than guessed at.
/// </summary>
internal static class ProfileHeaders
{
    private const int MaxHeaders = 20;
    private const int MaxNameLength = 64;
    private const int MaxValueLength = 1024;
    private const int MaxLength = 8 * 1024;

    // RFC 9110 §5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> ReservedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "HTTP2-Settings", "Expect", "Date", "User-Agent",
        "Cookie", "Set-Cookie", "Allow", "Expires", "Last-Modified", "traceparent", "tracestate", "baggage", "Forwarded",

        // What clouds give their machines' secrets to.
        "Metadata", "Metadata-Flavor", "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds",
    };

    private static readonly string[] ReservedPrefixes = ["Content-", "Proxy-", "X-Forwarded-", "webhook-"];

    /// <summary>The headers, a line each, <c>name: value</c>; or what is wrong with them.</summary>
    public static bool TryWrite(
        string profile,
        IEnumerable<KeyValuePair<string, string>>? headers,
        [NotNullWhen(true)] out string? lines,
        [NotNullWhen(false)] out string? error)
    {
        var text = new StringBuilder();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var fault = headers is null ? "returned no list of headers" : null;
        foreach (var (name, value) in headers ?? [])
        {
            fault = FaultOf(name, value)
                ?? (names.Add(name) ? null : $"returned the header {name} twice")
                ?? (names.Count <= MaxHeaders ? null : $"returned more than {MaxHeaders} headers");
            if (fault is not null)
            {
                break;
            }

            text.Append(text.Length == 0 ? "" : "\n").Append(name).Append(": ").Append(value);
        }

        if (text.Length > MaxLength)
        {
            fault = $"returned headers of {text.Length} characters, of which at most {MaxLength} are allowed";
        }

        lines = fault is null ? text.ToString() : null;
        error = fault is null ? null : $"The signature profile '{profile}' {fault}, so that nothing was sent.";
        return fault is null;
    }

    private static string? FaultOf(string? name, string? value)
    {
        if (name is null || name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(TokenCharacters))
        {
            return $"returned a header whose name is not a token of 1 to {MaxNameLength} characters";
        }

        if (ReservedNames.Contains(name) || ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        {
            return $"returned the header {name}, which is not a profile's to set";
        }

        // Values hold signatures, so that none is told.
        return value is null || value.Length is 0 or > MaxValueLength || value.AsSpan().ContainsAnyExceptInRange('\x20', '\x7e') || value.Trim() != value
            ? $"returned a value of the header {name} that is not 1 to {MaxValueLength} printable ASCII characters"
            : null;
    }
}
