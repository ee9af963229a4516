namespace Webhooks.Embedded;

/// <summary>One HTTP request of a delivery.</summary>
public sealed record WebhookAttempt
{
    /// <summary>The delivery it belongs to.</summary>
    public required long DeliveryId { get; init; }

    /// <summary>Which attempt of the delivery this is, counted from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When it was started; <c>webhook-timestamp</c> says the same in whole seconds.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, up to 2 seconds for the response's body included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What came of it.</summary>
    public required WebhookAttemptOutcome Outcome { get; init; }

    /// <summary>The HTTP status; null where no answer came.</summary>
    public required int? StatusCode { get; init; }

    /// <summary>What went wrong, in words; null after a success.</summary>
    public required string? Error { get; init; }

    /// <summary>Where the request went. Empty where that was not recorded.</summary>
    public required string Url { get; init; }

    /// <summary>The request's headers. Empty where they were not recorded.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> RequestHeaders { get; init; }

    /// <summary>The response's headers, up to 8 KB. Empty where no answer came.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> ResponseHeaders { get; init; }

    /// <summary>The first 16 KB of the response's body, read as UTF-8; null where no answer came.</summary>
    public required string? ResponseBody { get; init; }

    /// <summary>Whether the body went on, or could not be read to its end.</summary>
    public required bool ResponseTruncated { get; init; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset FinishedAt => StartedAt + Duration;
}

/// <summary>What can come of an attempt. The numbers are those of the stored rows and never change.</summary>
public enum WebhookAttemptOutcome
{
    /// <summary>The receiver answered 2xx.</summary>
    Delivered = 1,

    /// <summary>The receiver answered 4xx, 5xx or something unknown.</summary>
    HttpError = 2,

    /// <summary>The receiver answered 3xx, which is never followed.</summary>
    Redirect = 3,

    /// <summary>The host's name could not be resolved.</summary>
    Dns = 4,

    /// <summary>No connection could be made.</summary>
    Connect = 5,

    /// <summary>The connection broke before the answer was complete.</summary>
    Reset = 6,

    /// <summary>No connection was made in time.</summary>
    TimeoutConnect = 7,

    /// <summary>TLS was not agreed on in time.</summary>
    TimeoutTls = 8,

    /// <summary>The response's headers did not come in time.</summary>
    TimeoutHeaders = 9,

    /// <summary>The receiver's certificate is not trusted.</summary>
    TlsUntrusted = 10,

    /// <summary>The receiver's certificate is out of date.</summary>
    TlsExpired = 11,

    /// <summary>The receiver's certificate is for another name.</summary>
    TlsName = 12,

    /// <summary>TLS failed in another way.</summary>
    TlsProtocol = 13,

    /// <summary>The URL leads where webhooks must not go (<see cref="WebhookEgressOptions"/>), or its host's name does. Nothing was sent.</summary>
    BlockedAddress = 14,

    /// <summary>The answer is not HTTP.</summary>
    Protocol = 15,

    /// <summary>The response's headers are too large.</summary>
    HeadersTooLarge = 16,

    /// <summary>The node died, or lost its lease, before the outcome was recorded. The request may have been sent.</summary>
    Interrupted = 17,

    /// <summary>The webhook's secret could not be read, so that nothing was sent.</summary>
    SecretUnreadable = 18,

    /// <summary>A fault of this library or its host.</summary>
    Internal = 19,

    /// <summary>
    /// The webhook's signature profile is unknown to the app, or failed, so that nothing was sent. It is tried again by schedule, for another
    /// node may know the profile; after the last time the delivery is parked.
    /// </summary>
    SignatureFailed = 20,
}
