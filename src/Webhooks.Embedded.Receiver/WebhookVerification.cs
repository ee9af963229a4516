namespace Webhooks.Embedded;

/// <summary>What came of verifying a received webhook.</summary>
public sealed class WebhookVerification
{
    // Shared instances: a receiver under load makes no garbage here.
    internal static readonly WebhookVerification Valid = new(null, "The signature is valid.");

    internal static readonly WebhookVerification MissingHeader = new(
        WebhookRejection.MissingHeader, "The headers webhook-id, webhook-timestamp and webhook-signature must be there, each exactly once.");

    internal static readonly WebhookVerification BadId = new(
        WebhookRejection.BadId, "webhook-id must not hold a dot.");

    internal static readonly WebhookVerification BadTimestamp = new(
        WebhookRejection.BadTimestamp, "webhook-timestamp must be a whole number of seconds since 1970.");

    internal static readonly WebhookVerification TooOld = new(
        WebhookRejection.TooOld, "webhook-timestamp is too far in the past: the request is a replay, or a clock is wrong.");

    internal static readonly WebhookVerification TooNew = new(
        WebhookRejection.TooNew, "webhook-timestamp is too far in the future: a clock is wrong.");

    internal static readonly WebhookVerification NoMatchingSignature = new(
        WebhookRejection.NoMatchingSignature, "No signature matches: the secret is another one, or the body was changed on its way.");

    private WebhookVerification(WebhookRejection? rejection, string message)
    {
        Rejection = rejection;
        Message = message;
    }

    /// <summary>Whether the webhook comes from somebody who has the secret, unchanged and in time.</summary>
    public bool IsValid => Rejection is null;

    /// <summary>Why it is not to be trusted; null if it is valid.</summary>
    public WebhookRejection? Rejection { get; }

    /// <summary>The same in a sentence. It gives away no secret and no expected signature.</summary>
    public string Message { get; }

    /// <summary>The sentence.</summary>
    public override string ToString() => Message;
}
