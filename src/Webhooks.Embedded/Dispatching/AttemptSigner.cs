using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Signs attempts: as Standard Webhooks has it, and by the webhook's signature profile where it has one.</summary>
internal sealed partial class AttemptSigner(SignatureProfiles profiles, ILogger<AttemptSigner> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Signs with every secret in use, and by the profile with the newest, for a profile has room for one. Or says why it cannot.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="webhook">Its webhook.</param>
    /// <param name="startedAt">When the attempt was started.</param>
    /// <param name="signature">What to send and keep (<see cref="RequestHeaders.Signature"/>).</param>
    /// <param name="unsigned">The attempt that was not made.</param>
    public bool TrySign(
        LeasedDelivery delivery,
        KnownWebhook webhook,
        long startedAt,
        [NotNullWhen(true)] out string? signature,
        [NotNullWhen(false)] out AttemptData? unsigned)
    {
        (signature, unsigned) = (null, null);
        var timestamp = RequestHeaders.Timestamp(startedAt);
        KnownSecret[] inUse = [.. webhook.Secrets.Where(secret => secret.ExpiresAt is null || secret.ExpiresAt > startedAt)];
        if (inUse.Length == 0)
        {
            const string Error = "The webhook has no secret that can be read, so that nothing was sent. Rotate its secret, then retry.";
            unsigned = Unsigned(delivery, webhook, startedAt, WebhookAttemptOutcome.SecretUnreadable, Error);
            return false;
        }

        string? profileLines = null;
        if (webhook.SignatureProfile is { } profile)
        {
            var input = new WebhookSignatureInput
            {
                Id = delivery.EventUid,
                Timestamp = timestamp,
                Url = webhook.Url.OriginalString,
                Body = delivery.Payload,
                Secret = inUse[0].Text,
            };
            if (!profiles.TrySign(profile, input, out profileLines, out var error))
            {
                LogNotSigned(delivery.Id, delivery.WebhookId, error);
                unsigned = Unsigned(delivery, webhook, startedAt, WebhookAttemptOutcome.SignatureFailed, error);
                return false;
            }
        }

        var id = delivery.EventUid.ToString();
        var standard = string.Join(' ', inUse.Select(secret => StandardWebhookSignature.Compute(secret.Key, id, timestamp, delivery.Payload.Span)));
        signature = RequestHeaders.Signature(standard, profileLines);
        return true;
    }

    private static AttemptData Unsigned(
        LeasedDelivery delivery, KnownWebhook webhook, long startedAt, WebhookAttemptOutcome outcome, string error) => new()
        {
            Number = delivery.Attempts + 1,
            StartedAt = startedAt,
            Outcome = outcome,
            Error = error,
            Url = webhook.Url.OriginalString,
        };

    [LoggerMessage(2103, LogLevel.Error, "Delivery {DeliveryId} to webhook {WebhookId} could not be signed: {Error}", EventName = "DeliveryNotSigned")]
    private partial void LogNotSigned(long deliveryId, long webhookId, string error);
}
