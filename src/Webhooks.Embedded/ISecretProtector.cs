using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded;

/// <summary>
/// Protects what must not be read from the database or its backups: the secrets of webhooks and the values of their headers. The package
/// Webhooks.Embedded.AspNetCore has one that uses the app's Data Protection and is there by default. A protector that the app registers comes before it:
/// <c>services.AddSingleton&lt;ISecretProtector, MyProtector&gt;()</c>. Of several, the last one protects, and each reads what it has protected.
/// </summary>
public interface ISecretProtector
{
    /// <summary>
    /// Stored in front of what it protects, so that protectors can be told apart and changed later: 1 to 32 lower-case letters, digits and
    /// dashes. Another way of protecting is another name.
    /// </summary>
    string Name { get; }

    /// <summary>What people are to know at the start: that its keys will be lost, or are this node's alone. Null where there is nothing.</summary>
    string? Warning => null;

    /// <summary>Protects a text. The same text may look different every time.</summary>
    /// <param name="purpose">What it is for. What is protected for one purpose cannot be read for another.</param>
    /// <param name="text">The secret. Not to be logged.</param>
    string Protect(string purpose, string text);

    /// <summary>Reads what was protected. Results are remembered by the library, so that it is not asked for every attempt.</summary>
    /// <param name="purpose">The purpose that it was protected for.</param>
    /// <param name="protectedText">What <see cref="Protect"/> returned, on this node or on another.</param>
    /// <param name="text">The secret.</param>
    /// <returns>
    /// False where it cannot be read at the moment, for example because a key is missing. Deliveries then wait, and it is asked again every minute.
    /// </returns>
    bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text);
}
