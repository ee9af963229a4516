using System.Text;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// A signature as bytes, where the engine takes it so: of the usual one, <c>v1,</c> and a hash in base64, only the hash, which is a third
/// less on every delivery; of any other the text. These 32 bytes are told from a text by their number, which no text is stored with.
/// </summary>
internal static class StoredSignature
{
    private const string Version = "v1,";
    private const int HashLength = 32;

    public static byte[]? Write(string? signature)
    {
        if (signature is null)
        {
            return null;
        }

        if (HashOf(signature) is { } hash)
        {
            return hash;
        }

        // It is lines: one more end of a line says nothing.
        var text = Encoding.UTF8.GetBytes(signature);
        return text.Length == HashLength ? [.. text, (byte)'\n'] : text;
    }

    /// <summary>The signature in a column, which may be a text as well.</summary>
    public static string? Read(object? column) => column switch
    {
        byte[] { Length: HashLength } hash => Version + Convert.ToBase64String(hash),
        byte[] text => Encoding.UTF8.GetString(text),
        _ => (string?)column,
    };

    private static byte[]? HashOf(string signature)
    {
        Span<byte> hash = stackalloc byte[HashLength + 1];
        var isHash = signature.Length == 47
            && signature.StartsWith(Version, StringComparison.Ordinal)
            && Convert.TryFromBase64Chars(signature.AsSpan(Version.Length), hash, out var length)
            && length == HashLength

            // There are several ways to write the last sign of it, and white space is passed over: what was sent is what is shown.
            && signature.AsSpan(Version.Length).SequenceEqual(Convert.ToBase64String(hash[..HashLength]));
        return isHash ? hash[..HashLength].ToArray() : null;
    }
}
