using System.Security.Cryptography;

namespace Webhooks.Embedded.Signing;

/// <summary>Secrets as people see them: made and checked here, turned into keys by <see cref="StandardWebhookSignature"/>.</summary>
internal static class SecretText
{
    private const int GeneratedBytes = 32;
    private const int MinKeyBytes = 24;
    private const int MaxKeyBytes = 64;
    private const int MinLength = 8;
    private const int MaxLength = 256;

    /// <summary>A new <c>whsec_</c> secret of 32 random bytes.</summary>
    public static string Generate() =>
        StandardWebhookSignature.SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(GeneratedBytes));

    /// <summary>The end of a secret, by which people tell secrets apart; nothing of one so short that it would give too much away.</summary>
    public static string Hint(string secret) => secret.Length < 16 ? "" : secret[^4..];

    /// <summary>What is wrong with a secret; null where nothing is.</summary>
    public static WebhookFieldError? Check(string secret)
    {
        if (secret.StartsWith("whsk_", StringComparison.Ordinal) || secret.StartsWith("whpk_", StringComparison.Ordinal))
        {
            return Error("invalid_secret", "That is an Ed25519 key. Webhooks are signed with a shared secret: whsec_ and base64.");
        }

        if (!secret.StartsWith(StandardWebhookSignature.SecretPrefix, StringComparison.Ordinal))
        {
            return secret.Length is < MinLength or > MaxLength || secret.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e')
                ? Error("invalid_secret", $"A secret is whsec_ and base64, or {MinLength} to {MaxLength} printable ASCII characters without spaces.")
                : null;
        }

        if (!StandardWebhookSignature.TryGetKey(secret, out var key))
        {
            return Error("invalid_secret", "What follows whsec_ is not base64.");
        }

        if (key.Length is < MinKeyBytes or > MaxKeyBytes)
        {
            return Error("invalid_secret", $"What follows whsec_ holds {key.Length} bytes; it must hold {MinKeyBytes} to {MaxKeyBytes}.");
        }

        return key.AsSpan().ContainsAnyExcept((byte)0) ? null : Error("invalid_secret", "The secret holds nothing but zeros. Use random bytes.");
    }

    private static WebhookFieldError Error(string code, string message) => new("secret", code, message);
}
