namespace Webhooks.Embedded;

/// <summary>Why a received webhook is not to be trusted.</summary>
public enum WebhookRejection
{
    /// <summary><c>webhook-id</c>, <c>webhook-timestamp</c> or <c>webhook-signature</c> is missing, empty, or there more than once.</summary>
    MissingHeader = 1,

    /// <summary><c>webhook-id</c> holds a dot, which would let one signature stand for two different messages.</summary>
    BadId = 2,

    /// <summary><c>webhook-timestamp</c> is not a whole number of seconds since 1970.</summary>
    BadTimestamp = 3,

    /// <summary>The message is older than the tolerance: a replay, or a clock that is wrong.</summary>
    TooOld = 4,

    /// <summary>The message comes from further in the future than the tolerance: a clock is wrong.</summary>
    TooNew = 5,

    /// <summary>None of the signatures was made with one of the secrets over exactly this id, timestamp and body.</summary>
    NoMatchingSignature = 6,
}
