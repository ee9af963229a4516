namespace Webhooks.Embedded.Signing;

/// <summary>A secret as people see it, and the key that Standard Webhooks makes of it.</summary>
internal sealed class SigningSecret(string text, byte[] key)
{
    public string Text { get; } = text;

    public HmacKey Key { get; } = new(key);
}
