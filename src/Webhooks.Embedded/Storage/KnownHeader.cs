using System.Diagnostics.CodeAnalysis;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>A header of a webhook's own. Its value is read when it is sent.</summary>
internal sealed class KnownHeader(string name, string stored, SecretVault vault)
{
    public string Name { get; } = name;

    /// <summary>Whether its value is stored as it is.</summary>
    public bool IsPlain => SecretVault.IsStoredPlain(stored);

    /// <summary>False where it cannot be read on this node at the moment.</summary>
    public bool TryRead([NotNullWhen(true)] out string? value) => vault.TryRead(SecretVault.HeaderPurpose, stored, out value);
}
