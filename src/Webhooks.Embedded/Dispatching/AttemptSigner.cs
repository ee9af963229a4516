using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Signs attempts: as Standard Webhooks has it, and by the webhook's signature profile where it has one.</summary>
internal sealed partial class AttemptSigner(SignatureProfiles profiles, ILogger<AttemptSigner> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>What the log says of an attempt whose secret could not be read.</summary>
    public const string Unreadable =
        "The webhook's secret, or the value of one of its headers, cannot be read: the keys that it was protected with are missing. Nothing was sent. "
        + "When the keys are back, the delivery goes on by itself; if they are lost, rotate the secret and set the headers anew.";

    /// <summary>
    /// Signs with every secret in use, and by the profile with the current one, for a profile has room for one. Or says why it cannot: without the
    /// current one the receiver would refuse what is sent, and the attempts would be used up.
    /// </summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="webhook">Its webhook.</param>
    /// <param name="startedAt">When the attempt was started.</param>
    /// <param name="request">What to send and keep.</param>
    /// <param name="unsigned">The attempt that was not made.</param>
    public bool TrySign(
        LeasedDelivery delivery,
        KnownWebhook webhook,
        long startedAt,
        [NotNullWhen(true)] out SignedRequest? request,
        [NotNullWhen(false)] out AttemptData? unsigned)
    {
        (request, unsigned) = (null, null);
        if (!TryRead(webhook, startedAt, out var secrets, out var headers))
        {
            unsigned = Unsigned(delivery, webhook, startedAt, WebhookAttemptOutcome.SecretUnreadable, Unreadable);
            return false;
        }

        var timestamp = RequestHeaders.Timestamp(startedAt);
        string? profileLines = null;
        if (webhook.SignatureProfile is { } profile)
        {
            var input = new WebhookSignatureInput
            {
                Id = delivery.EventUid,
                Timestamp = timestamp,
                Url = webhook.Url.OriginalString,
                Body = delivery.Payload,
                Secret = secrets[0].Text,
            };
            if (!profiles.TrySign(profile, input, out profileLines, out var error))
            {
                LogNotSigned(delivery.Id, delivery.WebhookId, error);
                unsigned = Unsigned(delivery, webhook, startedAt, WebhookAttemptOutcome.SignatureFailed, error);
                return false;
            }
        }

        var id = delivery.EventUid.ToString();
        var standard = StandardWebhookSignature.Compute(secrets[0].Key, id, timestamp, delivery.Payload.Span);
        for (var i = 1; i < secrets.Count; i++)
        {
            standard += ' ' + StandardWebhookSignature.Compute(secrets[i].Key, id, timestamp, delivery.Payload.Span);
        }

        request = SignedRequest.Of(delivery, startedAt, standard, profileLines, headers);
        return true;
    }

    /// <summary>The secrets to sign with, the current one first, and the webhook's own headers.</summary>
    private static bool TryRead(
        KnownWebhook webhook, long at, out List<SigningSecret> secrets, out IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        (secrets, headers) = (new(webhook.Secrets.Count), []);
        foreach (var known in webhook.Secrets)
        {
            if (known.ExpiresAt <= at)
            {
                continue;
            }

            if (known.TryRead(out var secret))
            {
                secrets.Add(secret);
            }
            else if (known.ExpiresAt is null)
            {
                return false;
            }
        }

        return secrets.Count > 0 && (webhook.Headers.Count == 0 || TryRead(webhook.Headers, out headers));
    }

    private static bool TryRead(IReadOnlyList<KnownHeader> known, out IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var read = new List<KeyValuePair<string, string>>(known.Count);
        headers = read;
        foreach (var header in known)
        {
            if (!header.TryRead(out var value))
            {
                return false;
            }

            read.Add(new(header.Name, value));
        }

        return true;
    }

    private static AttemptData Unsigned(
        LeasedDelivery delivery, KnownWebhook webhook, long startedAt, WebhookAttemptOutcome outcome, string error) => new()
        {
            Number = delivery.Attempts + 1,
            StartedAt = startedAt,
            Outcome = outcome,
            Error = error,
            UrlNumber = webhook.UrlNumber,
        };

    [LoggerMessage(2103, LogLevel.Error, "Delivery {DeliveryId} to webhook {WebhookId} could not be signed: {Error}", EventName = "DeliveryNotSigned")]
    private partial void LogNotSigned(long deliveryId, long webhookId, string error);
}
