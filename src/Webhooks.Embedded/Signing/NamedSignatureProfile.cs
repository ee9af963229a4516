namespace Webhooks.Embedded.Signing;

/// <summary>A signature profile that the app added.</summary>
internal sealed record NamedSignatureProfile(string Name, WebhookSignatureProfile Sign);
