using System.Diagnostics.CodeAnalysis;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>A secret to sign with, until it expires. It is read when it is first needed, for most webhooks of a large catalogue are quiet.</summary>
internal sealed class KnownSecret(string stored, long? expiresAt, SecretVault vault)
{
    private volatile SigningSecret? _read;

    /// <summary>Null: the current one.</summary>
    public long? ExpiresAt { get; } = expiresAt;

    /// <summary>Whether it is stored as it is.</summary>
    public bool IsPlain => SecretVault.IsStoredPlain(stored);

    /// <summary>False where it cannot be read on this node at the moment.</summary>
    public bool TryRead([NotNullWhen(true)] out SigningSecret? secret)
    {
        secret = _read;
        if (secret is null
            && vault.TryRead(SecretVault.SecretPurpose, stored, out var text)
            && StandardWebhookSignature.TryGetKey(text, out var key))
        {
            secret = _read = new SigningSecret(text, key);
        }

        return secret is not null;
    }
}
