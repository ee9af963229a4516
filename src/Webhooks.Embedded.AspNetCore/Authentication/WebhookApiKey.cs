using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.AspNetCore.Authentication;

/// <summary>What the handler decides by: which key a request shows, and whether it is known.</summary>
internal static class WebhookApiKey
{
    /// <summary>The schemes of <c>Authorization</c> that carry a key.</summary>
    public static readonly IReadOnlyList<string> Schemes = ["Bearer", "AccessKey"];

    /// <summary>The key of an <c>Authorization</c> header: what follows the scheme, whatever it looks like.</summary>
    public static bool TryRead(string? authorization, [NotNullWhen(true)] out string? key)
    {
        foreach (var scheme in Schemes)
        {
            if (authorization is not null
                && authorization.Length > scheme.Length
                && authorization[scheme.Length] == ' '
                && authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                key = authorization[scheme.Length..].Trim();
                return key.Length > 0;
            }
        }

        key = null;
        return false;
    }

    /// <summary>Whether the key is one of these. Takes equally long whichever it is, and however much of it is right.</summary>
    public static bool IsKnown(string key, IEnumerable<string> keys)
    {
        Span<byte> shown = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> known = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(key, shown);

        // Digests are compared, so that a key's length tells nothing; and all of them, so that its place in the list tells nothing.
        var isKnown = false;
        foreach (var candidate in keys)
        {
            Hash(candidate, known);
            isKnown |= CryptographicOperations.FixedTimeEquals(shown, known);
        }

        return isKnown;
    }

    /// <summary>Whether an app may configure this key: no client could show a blank one, or one with spaces at its ends.</summary>
    public static bool IsUsable(string? key) => !string.IsNullOrEmpty(key) && !key.Any(char.IsWhiteSpace);

    private static void Hash(string key, Span<byte> hash) => SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
}
