using System.Buffers;
using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Text that every engine can store: PostgreSQL has no U+0000 in text, and half of a surrogate pair has no encoding. What a receiver answers may
/// hold either, and must not keep its own outcome from being recorded.
/// </summary>
internal static class StoredText
{
    private const char Replacement = '\uFFFD';
    private static readonly SearchValues<char> Suspicious =
        SearchValues.Create(['\0', .. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);

    /// <summary>Whether it can be stored as it is.</summary>
    public static bool IsStorable(string text) => ReferenceEquals(Clean(text), text);

    /// <summary>With U+FFFD for each character that cannot be stored.</summary>
    public static string? Clean(string? text)
    {
        if (text is null || text.AsSpan().IndexOfAny(Suspicious) < 0)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == 0 ? new Rune(Replacement) : rune);
        }

        var result = clean.ToString();
        return result == text ? text : result;
    }
}
