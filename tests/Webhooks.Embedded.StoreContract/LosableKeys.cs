using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Protects nothing from anybody, but shows what was protected, and can lose its keys and find them again.</summary>
public sealed class LosableKeys : ISecretProtector
{
    public string Name => "test";

    public bool AreLost { get; set; }

    /// <summary>How often something was read.</summary>
    public int Reads { get; private set; }

    public string Protect(string purpose, string text) => Convert.ToHexString(Encoding.UTF8.GetBytes($"{purpose}|{text}"));

    public bool TryUnprotect(string purpose, string protectedText, [NotNullWhen(true)] out string? text)
    {
        Reads++;
        var all = Encoding.UTF8.GetString(Convert.FromHexString(protectedText));
        text = !AreLost && all.StartsWith($"{purpose}|", StringComparison.Ordinal) ? all[(purpose.Length + 1)..] : null;
        return text is not null;
    }
}
