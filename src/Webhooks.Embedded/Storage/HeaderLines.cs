using System.Net.Http.Headers;
using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Response headers as one column: a line each, <c>name: value</c>. Every delivery has them, and the same names again and again, so a name that
/// most answers have is written as one character that no name can have.
/// </summary>
internal static class HeaderLines
{
    // Of the headers as they are shown. What does not fit is left out.
    private const int MaxLength = 8 * 1024;
    private const string Separator = ": ";

    // Delimiters of HTTP (RFC 9110, 5.6.2), but for the two that JSON escapes. What is stored refers to them: no pair is ever changed.
    private static readonly (char Code, string Name)[] Codes =
    [
        ('(', "Content-Length"), (')', "Content-Type"), (',', "Date"), ('/', "Server"), (':', "Connection"), (';', "Keep-Alive"), ('<', "Transfer-Encoding"),
        ('=', "Cache-Control"), ('>', "ETag"), ('?', "Vary"), ('@', "Set-Cookie"), ('[', "Strict-Transport-Security"), (']', "X-Content-Type-Options"),
        ('{', "X-Frame-Options"), ('}', "X-Powered-By"),
    ];

    /// <summary>Writes headers as they were received.</summary>
    public static string Write(params ReadOnlySpan<HttpHeadersNonValidated> headers)
    {
        var lines = new StringBuilder();
        var room = MaxLength;
        foreach (var part in headers)
        {
            foreach (var (name, values) in part)
            {
                foreach (var value in values)
                {
                    var length = name.Length + Separator.Length + value.Length + 1;
                    if (length <= room)
                    {
                        room -= length;
                        AppendName(lines, name).Append(value.Replace('\r', ' ').Replace('\n', ' ')).Append('\n');
                    }
                }
            }
        }

        return lines.ToString();
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Read(string? lines) =>
        string.IsNullOrEmpty(lines) ? [] : [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine)];

    private static StringBuilder AppendName(StringBuilder lines, string name)
    {
        var place = Array.FindIndex(Codes, pair => pair.Name == name);
        return place < 0 ? lines.Append(name).Append(Separator) : lines.Append(Codes[place].Code);
    }

    private static KeyValuePair<string, string> ReadLine(string line)
    {
        var place = Array.FindIndex(Codes, pair => pair.Code == line[0]);
        if (place >= 0)
        {
            return new(Codes[place].Name, line[1..]);
        }

        // A line that is none of ours is shown as it is, rather than no page of the log on which it is.
        var colon = line.IndexOf(Separator, StringComparison.Ordinal);
        return colon < 0 ? new(line, "") : new(line[..colon], line[(colon + Separator.Length)..]);
    }
}
