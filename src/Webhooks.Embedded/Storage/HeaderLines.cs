using System.Net.Http.Headers;
using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>Response headers as one column: a line each, up to 8 KB. What does not fit is left out.</summary>
internal static class HeaderLines
{
    private const int MaxLength = 8 * 1024;

    /// <summary>Writes headers as they were received.</summary>
    public static string Write(params ReadOnlySpan<HttpHeadersNonValidated> headers)
    {
        var lines = new StringBuilder();
        foreach (var part in headers)
        {
            foreach (var (name, values) in part)
            {
                foreach (var value in values)
                {
                    if (lines.Length + name.Length + value.Length + 3 <= MaxLength)
                    {
                        lines.Append(name).Append(": ").Append(value.ReplaceLineEndings(" ")).Append('\n');
                    }
                }
            }
        }

        return lines.ToString();
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Read(string? lines) =>
        string.IsNullOrEmpty(lines)
            ? []
            :
            [
                .. from line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                   let colon = line.IndexOf(':', StringComparison.Ordinal)
                   select new KeyValuePair<string, string>(line[..colon], line[(colon + 2)..]),
            ];
}
