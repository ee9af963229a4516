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

    public const string Version = "v1";
    public const string SecretPrefix = "whsec_";

    private const int HashSize = HMACSHA256.HashSizeInBytes;

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
    public static string Compute(ReadOnlySpan<byte> key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HashSize];
        ComputeHash(key, id, timestamp, body, hash);
        return $"{Version},{Convert.ToBase64String(hash)}";
    }

    /// <summary>Whether a header's list of signatures holds one by this key. Takes equally long for every list of the same length.</summary>
    public static bool Matches(ReadOnlySpan<byte> key, string id, long timestamp, ReadOnlySpan<byte> body, ReadOnlySpan<char> signatures)
    {
        Span<byte> expected = stackalloc byte[HashSize];
        ComputeHash(key, id, timestamp, body, expected);

        Span<byte> candidate = stackalloc byte[HashSize + 3];
        var matches = false;
        foreach (var range in signatures.Split(' '))
        {
            var signature = signatures[range];
            if (!signature.StartsWith($"{Version},", StringComparison.Ordinal)
                || !Convert.TryFromBase64Chars(signature[(Version.Length + 1)..], candidate, out var length))
            {
                continue;
            }

            // No early exit: which of several signatures fits is nobody's business.
            matches |= CryptographicOperations.FixedTimeEquals(candidate[..length], expected);
        }

        return matches;
    }

    private static void ComputeHash(ReadOnlySpan<byte> key, string id, long timestamp, ReadOnlySpan<byte> body, Span<byte> hash)
    {
        Span<byte> prefix = stackalloc byte[256];
        var text = string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.");
        var prefixLength = Encoding.UTF8.GetByteCount(text);
        if (prefixLength > prefix.Length)
        {
            prefix = new byte[prefixLength];
        }

        Encoding.UTF8.GetBytes(text, prefix);

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(prefix[..prefixLength]);
        hmac.AppendData(body);
        hmac.GetHashAndReset(hash);
    }
}
