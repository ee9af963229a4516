using System.Globalization;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// The headers of an attempt. They follow from the event, the start and the signature, so the log keeps the signature alone and shows
/// what was sent by asking here again.
/// </summary>
internal static class RequestHeaders
{
    public const string ContentType = "application/json";
    public const string UserAgent = "Webhooks.Embedded";

    /// <summary>Names the trigger, so that a receiver of several need not look into the body. Not signed: a hint, not a proof.</summary>
    public const string TriggerHeader = "webhook-trigger";

    /// <summary>The attempt's time as it is signed: whole Unix seconds.</summary>
    public static long Timestamp(long startedAt) => startedAt / 1000;

    public static KeyValuePair<string, string>[] For(Guid eventUid, string trigger, long startedAt, string signature) =>
    [
        new("Content-Type", ContentType),
        new("User-Agent", UserAgent),
        new(StandardWebhookSignature.IdHeader, eventUid.ToString()),
        new(StandardWebhookSignature.TimestampHeader, Timestamp(startedAt).ToString(CultureInfo.InvariantCulture)),
        new(StandardWebhookSignature.SignatureHeader, signature),
        new(TriggerHeader, trigger),
    ];
}
