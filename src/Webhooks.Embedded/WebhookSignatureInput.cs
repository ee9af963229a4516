namespace Webhooks.Embedded;

/// <summary>What a <see cref="WebhookSignatureProfile"/> signs.</summary>
public sealed class WebhookSignatureInput
{
    /// <summary>The event's id, the same for every attempt; receivers see it as <c>webhook-id</c>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The time of this attempt in whole Unix seconds; receivers see it as <c>webhook-timestamp</c>.</summary>
    public required long Timestamp { get; init; }

    /// <summary>The webhook's URL as it was registered.</summary>
    public required string Url { get; init; }

    /// <summary>The bytes of the request's body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The webhook's newest secret as people see it. Of a <c>whsec_</c> secret that is the whole text. Not to be logged.</summary>
    public required string Secret { get; init; }

    /// <summary>Without the secret, so that a logged value gives nothing away.</summary>
    public override string ToString() => $"{nameof(WebhookSignatureInput)} {{ Id = {Id}, Timestamp = {Timestamp} }}";
}
