namespace Webhooks.Embedded.Storage;

/// <summary>A webhook as publishing and the attempts need it.</summary>
internal sealed class KnownWebhook
{
    public required long Id { get; init; }

    public required string Tenant { get; init; }

    public required Uri Url { get; init; }

    public required IReadOnlyList<string> Patterns { get; init; }

    public required string? Target { get; init; }

    public required IReadOnlyList<WebhookFilter> Filters { get; init; }

    public required string? SignatureProfile { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Whether its receiver's certificate is to be verified. The host may verify it all the same.</summary>
    public required bool VerifyTls { get; init; }

    public required TimeSpan? Timeout { get; init; }

    public required IReadOnlyList<TimeSpan>? RetryDelays { get; init; }

    public required int? RateLimit { get; init; }

    public required IReadOnlyList<KnownSecret> Secrets { get; init; }
}

/// <summary>A secret to sign with, until it expires: as people see it, and the key that Standard Webhooks makes of it.</summary>
internal sealed class KnownSecret(string text, byte[] key, long? expiresAt)
{
    public string Text { get; } = text;

    public byte[] Key { get; } = key;

    public long? ExpiresAt { get; } = expiresAt;
}
