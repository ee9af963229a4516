using System.Net.Http.Headers;
using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Response headers as one column: a line each, <c>name: value</c>, up to 8 KB. What does not fit is left out. Every delivery has them, and the same
/// names again and again, so that the names which most answers have are written as one character that no name can begin with.
/// </summary>
internal static class HeaderLines
{
    private const int MaxLength = 8 * 1024;
    private const string Separator = ": ";

    // The first of those characters, above those that end a line.
    private const char FirstCode = '\u000E';

    // What is stored refers to them by their places: none is ever moved or taken away, and there is room for U+000E to U+001F.
    private static readonly string[] UsualNames =
    [
        "Content-Length", "Content-Type", "Date", "Server", "Connection", "Keep-Alive", "Transfer-Encoding", "Cache-Control", "ETag", "Vary", "Via",
        "Set-Cookie", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-Powered-By", "X-Request-ID", "Alt-Svc",
    ];

    /// <summary>Writes headers as they were received.</summary>
    public static string Write(params ReadOnlySpan<HttpHeadersNonValidated> headers)
    {
        var lines = new StringBuilder();
        foreach (var part in headers)
        {
            foreach (var (name, values) in part)
            {
                // As it is spelled: in any other case it is written out.
                var code = Array.IndexOf(UsualNames, name);
                var start = code < 0 ? name + Separator : ((char)(FirstCode + code)).ToString();
                foreach (var value in values)
                {
                    if (lines.Length + start.Length + value.Length + 1 <= MaxLength)
                    {
                        lines.Append(start).Append(value.ReplaceLineEndings(" ")).Append('\n');
                    }
                }
            }
        }

        return lines.ToString();
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Read(string? lines) =>
        string.IsNullOrEmpty(lines) ? [] : [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine)];

    private static KeyValuePair<string, string> ReadLine(string line)
    {
        if (line[0] - FirstCode is var code && code >= 0 && code < UsualNames.Length)
        {
            return new(UsualNames[code], line[1..]);
        }

        var colon = line.IndexOf(Separator, StringComparison.Ordinal);
        return new(line[..colon], line[(colon + Separator.Length)..]);
    }
}
