using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// The symmetric signature of Standard Webhooks 1.0.0: HMAC-SHA256 over <c>id.timestamp.body</c>, written as <c>v1,base64</c>.
/// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
/// </summary>
internal static class StandardWebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    public const string SecretPrefix = "whsec_";

    private const string VersionPrefix = "v1,";
    private const int Base64HashSize = (HmacKey.HashSize + 2) / 3 * 4;

    // Two dots and a 64-bit number.
    private const int MaxLengthBesideIdAndBody = 2 + 20;

    /// <summary>The bytes to sign with: a <c>whsec_</c> secret is base64, any other is used as its UTF-8 bytes.</summary>
    public static bool TryGetKey(string secret, [NotNullWhen(true)] out byte[]? key)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal))
        {
            key = Encoding.UTF8.GetBytes(secret);
            return key.Length > 0;
        }

        var buffer = new byte[secret.Length];
        var isBase64 = Convert.TryFromBase64Chars(secret.AsSpan(SecretPrefix.Length), buffer, out var length);
        key = isBase64 && length > 0 ? buffer[..length] : null;
        return key is not null;
    }

    /// <summary>One signature as the header has it, for example <c>v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=</c>.</summary>
    public static string Compute(HmacKey key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HmacKey.HashSize];
        Hash(key, id, timestamp, body, hash);

        Span<char> signature = stackalloc char[VersionPrefix.Length + Base64HashSize];
        VersionPrefix.CopyTo(signature);
        Convert.TryToBase64Chars(hash, signature[VersionPrefix.Length..], out _);
        return new string(signature);
    }

    /// <summary>Whether a header's list of signatures holds one by this key. Takes equally long for every list of the same length.</summary>
    public static bool Matches(HmacKey key, string id, long timestamp, ReadOnlySpan<byte> body, ReadOnlySpan<char> signatures)
    {
        Span<byte> expected = stackalloc byte[HmacKey.HashSize];
        Hash(key, id, timestamp, body, expected);

        // Room for what the same number of base64 characters can hold at most, so that a longer value fails to compare, not to decode.
        Span<byte> candidate = stackalloc byte[HmacKey.HashSize + 1];
        var matches = false;
        foreach (var range in signatures.Split(' '))
        {
            var signature = signatures[range];
            if (!signature.StartsWith(VersionPrefix, StringComparison.Ordinal)
                || !Convert.TryFromBase64Chars(signature[VersionPrefix.Length..], candidate, out var length))
            {
                continue;
            }

            // No early exit: which of several signatures fits is nobody's business.
            matches |= CryptographicOperations.FixedTimeEquals(candidate[..length], expected);
        }

        return matches;
    }

    private static void Hash(HmacKey key, string id, long timestamp, ReadOnlySpan<byte> body, Span<byte> hash)
    {
        var head = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(id.Length) + MaxLengthBesideIdAndBody);
        try
        {
            var length = Encoding.UTF8.GetBytes(id, head);
            head[length++] = (byte)'.';
            timestamp.TryFormat(head.AsSpan(length), out var digits, provider: CultureInfo.InvariantCulture);
            length += digits;
            head[length++] = (byte)'.';
            key.Hash(head.AsSpan(0, length), body, hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }
}
