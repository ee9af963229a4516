namespace Webhooks.Embedded;

/// <summary>A header that a webhook's requests have beside those of the library, such as the receiver's own key.</summary>
/// <param name="Name">
/// The name: a token of 1 to 64 characters. Names that say what a request is or where it goes cannot be used: <c>Host</c>, <c>Content-…</c>,
/// <c>Cookie</c>, <c>webhook-…</c> and the like.
/// </param>
/// <param name="Value">The value: 1 to 1,024 printable ASCII characters. It is stored like a secret and never shown again.</param>
public sealed record WebhookHeader(string Name, string Value)
{
    /// <summary>Without the value, so that a logged header gives nothing away.</summary>
    public override string ToString() => $"{nameof(WebhookHeader)} {{ Name = {Name} }}";
}
