using System.Globalization;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// The headers of an attempt. They follow from the event, the start and what was signed, so the log keeps the latter alone and shows
/// what was sent by asking here again.
/// </summary>
internal static class RequestHeaders
{
    public const string ContentType = "application/json";
    public const string UserAgent = "Webhooks.Embedded";

    /// <summary>Names the trigger, so that a receiver of several need not look into the body. Not signed: a hint, not a proof.</summary>
    public const string TriggerHeader = "webhook-trigger";

    /// <summary>What the log shows instead of the value of a webhook's own header.</summary>
    public const string Masked = "***";

    /// <summary>The attempt's time as it is signed: whole Unix seconds.</summary>
    public static long Timestamp(long startedAt) => startedAt / 1000;

    /// <summary>What was signed, as it is kept with the attempt.</summary>
    /// <param name="standard">The value of <c>webhook-signature</c>.</param>
    /// <param name="profileLines">The headers of a signature profile, a line each, <c>name: value</c>; null where there is none.</param>
    /// <param name="own">The webhook's own headers, which are kept without their values.</param>
    public static string Signature(string standard, string? profileLines, IReadOnlyList<KeyValuePair<string, string>> own)
    {
        var signed = string.IsNullOrEmpty(profileLines) ? standard : $"{standard}\n{profileLines}";
        return own.Count == 0 ? signed : string.Join('\n', own.Select(header => $"{header.Key}: {Masked}").Prepend(signed));
    }

    /// <param name="eventUid">The event's id.</param>
    /// <param name="trigger">The event's trigger.</param>
    /// <param name="startedAt">When the attempt was started.</param>
    /// <param name="signature">What <see cref="Signature"/> made.</param>
    public static KeyValuePair<string, string>[] For(Guid eventUid, string trigger, long startedAt, string signature)
    {
        // Without a profile, as nearly always, there is one line.
        var end = signature.IndexOf('\n', StringComparison.Ordinal);
        KeyValuePair<string, string>[] headers =
        [
            new("Content-Type", ContentType),
            new("User-Agent", UserAgent),
            new(StandardWebhookSignature.IdHeader, eventUid.ToString()),
            new(StandardWebhookSignature.TimestampHeader, Timestamp(startedAt).ToString(CultureInfo.InvariantCulture)),
            new(StandardWebhookSignature.SignatureHeader, end < 0 ? signature : signature[..end]),
            new(TriggerHeader, trigger),
        ];
        return end < 0 ? headers : [.. headers, .. signature[(end + 1)..].Split('\n').Select(Header)];
    }

    private static KeyValuePair<string, string> Header(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return new(line[..colon], line[(colon + 2)..]);
    }
}
