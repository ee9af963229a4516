using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>The headers of an attempt as they are sent, and what the log keeps to show them.</summary>
internal sealed class SignedRequest
{
    private SignedRequest(string signature, KeyValuePair<string, string>[] headers) => (Signature, Headers) = (signature, headers);

    /// <summary>What is kept with the attempt (<see cref="RequestHeaders.Signature"/>).</summary>
    public string Signature { get; }

    public KeyValuePair<string, string>[] Headers { get; }

    /// <param name="delivery">The delivery.</param>
    /// <param name="startedAt">When the attempt was started.</param>
    /// <param name="standard">The value of <c>webhook-signature</c>.</param>
    /// <param name="profileLines">The headers of a signature profile.</param>
    /// <param name="own">The webhook's own headers. One that the profile sets as well gives way: the signature is what the receiver asked for.</param>
    public static SignedRequest Of(
        LeasedDelivery delivery, long startedAt, string standard, string? profileLines, IReadOnlyList<KeyValuePair<string, string>> own)
    {
        var signed = RequestHeaders.For(delivery.EventUid, delivery.Trigger, startedAt, RequestHeaders.Signature(standard, profileLines, []));
        if (own.Count == 0)
        {
            return new(RequestHeaders.Signature(standard, profileLines, []), signed);
        }

        KeyValuePair<string, string>[] added =
            [.. own.Where(header => !signed.Any(other => other.Key.Equals(header.Key, StringComparison.OrdinalIgnoreCase)))];
        return new(RequestHeaders.Signature(standard, profileLines, added), [.. signed, .. added]);
    }
}
