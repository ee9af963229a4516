namespace Webhooks.Embedded.Storage;

/// <summary>A webhook as publishing and the attempts need it.</summary>
internal sealed class KnownWebhook
{
    public required long Id { get; init; }

    public required string Tenant { get; init; }

    public required Uri Url { get; init; }

    /// <summary>Raised by every change of the URL: the log names by it where an attempt went.</summary>
    public required int UrlNumber { get; init; }

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

    /// <summary>The newest first.</summary>
    public required IReadOnlyList<KnownSecret> Secrets { get; init; }

    /// <summary>The headers of its own, beside those that every request has.</summary>
    public required IReadOnlyList<KnownHeader> Headers { get; init; }

    /// <summary>Whether this node can sign for it and send its headers. It reads what was not read before.</summary>
    public bool IsReadable =>
        Secrets.FirstOrDefault(secret => secret.ExpiresAt is null)?.TryRead(out _) == true && Headers.All(header => header.TryRead(out _));
}
