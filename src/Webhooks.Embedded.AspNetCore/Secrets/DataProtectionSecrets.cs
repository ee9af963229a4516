using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore.Secrets;

/// <summary>Protects secrets with the app's Data Protection. <c>AddWebhooks()</c> finds this type by its name, so that it must keep it.</summary>
internal sealed class DataProtectionSecrets(KeyRing keys) : ISecretProtector
{
    public string Name => "dp1";

    public string? Warning => keys.Warning;

    /// <summary>Adds what is needed, and says how to make one.</summary>
    public static Func<IServiceProvider, ISecretProtector> AddTo(IServiceCollection services)
    {
        services.AddDataProtection();
        services.AddSingleton<KeyRing>();
        return provider => new DataProtectionSecrets(provider.GetRequiredService<KeyRing>());
    }

    public string Protect(string purpose, string text) => keys.Current.CreateProtector(purpose).Protect(text);

    public bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text) =>
        TryUnprotect(keys.Current, purpose, protectedText, out text)

        // The key may have come after the ring was read, which Data Protection itself would look at only after hours.
        || (keys.TryRenew(out var renewed) && TryUnprotect(renewed, purpose, protectedText, out text));

    private static bool TryUnprotect(IDataProtectionProvider provider, string purpose, string protectedText, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = provider.CreateProtector(purpose).Unprotect(protectedText);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or FormatException)
        {
            // A key is missing or revoked, where keys are kept is out of reach, or the text is not what was stored. It may be there later.
            text = null;
            return false;
        }
    }
}
