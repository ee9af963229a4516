namespace Webhooks.Embedded.Egress;

/// <summary>Why no connection was made. The message is for people who may not know about the app's network: no address that was resolved.</summary>
internal sealed class EgressException(WebhookAttemptOutcome outcome, string message, Exception? inner = null) : Exception(message, inner)
{
    public WebhookAttemptOutcome Outcome { get; } = outcome;
}
