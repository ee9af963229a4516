namespace Webhooks.Embedded.Egress;

/// <summary>Why webhooks must not lead somewhere, in words for whoever registers one.</summary>
internal sealed record EgressRefusal(string Code, string Message);
