namespace Webhooks.Embedded.Dispatching;

/// <summary>What came of a request.</summary>
internal sealed class Answer
{
    public required WebhookAttemptOutcome Outcome { get; init; }

    public int? StatusCode { get; init; }

    public string? Error { get; init; }

    /// <summary>What the receiver asked for, at most <see cref="RetryAfter.Max"/>; null where it asked for nothing that is understood.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public string? Headers { get; init; }

    public byte[]? Body { get; init; }

    public bool IsTruncated { get; init; }

    /// <summary>Whether the request was sent twice: first on a kept connection that turned out to be dead.</summary>
    public bool IsReconnected { get; init; }
}
