namespace Webhooks.Embedded.Storage;

/// <summary>An attempt as it is stored. The request's other headers follow from the event and the start; only what was signed is kept.</summary>
internal sealed class AttemptData
{
    public int Number { get; init; }

    public long StartedAt { get; init; }

    public int DurationMs { get; init; }

    /// <summary>Where it went: <see cref="KnownWebhook.UrlNumber"/>.</summary>
    public required int UrlNumber { get; init; }

    public WebhookAttemptOutcome Outcome { get; init; }

    public int? StatusCode { get; init; }

    public string? Error { get; init => field = StoredText.Clean(value); }

    /// <summary>The value of <c>webhook-signature</c>, and below it the headers of a signature profile, a line each, <c>name: value</c>.</summary>
    public string? Signature { get; init => field = StoredText.Clean(value); }

    /// <summary>As <see cref="HeaderLines"/> writes them.</summary>
    public string? ResponseHeaders { get; init => field = StoredText.Clean(value); }

    public byte[]? ResponseBody { get; init; }

    public bool ResponseTruncated { get; init; }

    public long FinishedAt => StartedAt + DurationMs;
}
