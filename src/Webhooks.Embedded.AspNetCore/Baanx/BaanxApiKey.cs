using System.Security.Cryptography;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>The key that a webhook's requests are signed with, as Baanx writes it.</summary>
internal static class BaanxApiKey
{
    private const string Prefix = "whk_";
    private const int Length = 32;

    public static string New() => Prefix + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", Length);

    /// <summary>Enough to tell keys apart, too little to sign with.</summary>
    public static string Mask(Webhook webhook) => $"{Prefix}****...****{webhook.SecretHint}";
}
