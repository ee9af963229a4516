namespace Webhooks.Embedded;

/// <summary>What may be known of a secret by those who may not see it.</summary>
public sealed record WebhookSecretInfo
{
    /// <summary>Its last four characters, so that people can tell secrets apart; empty where it is shorter than 16 or cannot be read.</summary>
    public required string Hint { get; init; }

    /// <summary>When it was given or made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it no longer signs and is erased; null: it is the current one.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether this node can read it. If not, the keys that it was protected with are missing.</summary>
    public required bool Readable { get; init; }
}
