namespace Webhooks.Embedded.Storage;

/// <summary>A webhook as publishing and the attempts need it.</summary>
internal sealed class KnownWebhook
{
    public required long Id { get; init; }

    public required string Tenant { get; init; }

    public required Uri Url { get; init; }

    public required IReadOnlyList<string> Patterns { get; init; }

    public required string? Target { get; init; }

    public required bool Enabled { get; init; }

    public required IReadOnlyList<KnownSecret> Secrets { get; init; }
}

/// <summary>A secret to sign with, until it expires.</summary>
internal sealed record KnownSecret(byte[] Key, long? ExpiresAt);
