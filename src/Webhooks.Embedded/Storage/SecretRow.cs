namespace Webhooks.Embedded.Storage;

/// <summary>A secret as its row has it.</summary>
internal sealed class SecretRow
{
    public long WebhookId { get; init; }

    /// <summary>Protected.</summary>
    public string Secret { get; init; } = "";

    public long CreatedAt { get; init; }

    public long? ExpiresAt { get; init; }
}
