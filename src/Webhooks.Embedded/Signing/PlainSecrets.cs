using System.Diagnostics.CodeAnalysis;

namespace Webhooks.Embedded.Signing;

/// <summary>No protection, for apps that have said so.</summary>
internal sealed class PlainSecrets : ISecretProtector
{
    public const string Plain = "plain";

    public string Name => Plain;

    public string? Warning =>
        "Secrets of webhooks and values of their headers are stored as they are, because the app called WithoutSecretProtection(). Whoever reads the database "
        + "or a backup of it can sign as this app.";

    public string Protect(string purpose, string text) => text;

    public bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text)
    {
        text = protectedText;
        return true;
    }
}
