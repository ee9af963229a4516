using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// The signatures that receivers of the vendor-shaped APIs verify. The key is the UTF-8 text of the whole secret, whatever it begins with.
/// </summary>
internal static class VendorSignatures
{
    public const string DocSpaceName = "docspace";
    public const string BaanxName = "baanx";
    public const string BirdName = "bird";

    /// <summary>Over the body alone. The hexadecimal digits are in upper case, as the vendor's server writes them.</summary>
    public static IEnumerable<KeyValuePair<string, string>> DocSpace(WebhookSignatureInput input) =>
        [new("x-docspace-signature-256", "sha256=" + Convert.ToHexString(Sign(input.Secret, input.Body.Span)))];

    /// <summary>Over <c>timestamp.body</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Baanx(WebhookSignatureInput input)
    {
        var timestamp = Timestamp(input);
        byte[] message = [.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. input.Body.Span];
        return
        [
            new("X-Timestamp", timestamp),
            new("X-Signature", Convert.ToHexStringLower(Sign(input.Secret, message))),
        ];
    }

    /// <summary>
    /// Over the timestamp, the URL as it was registered, and the 32 bytes of the body's SHA-256, with line feeds between.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string>> Bird(WebhookSignatureInput input)
    {
        var timestamp = Timestamp(input);
        byte[] message = [.. Encoding.UTF8.GetBytes($"{timestamp}\n{input.Url}\n"), .. SHA256.HashData(input.Body.Span)];
        return
        [
            new("messagebird-request-id", input.Id.ToString()),
            new("messagebird-request-timestamp", timestamp),
            new("messagebird-signature", Convert.ToBase64String(Sign(input.Secret, message))),
        ];
    }

    private static string Timestamp(WebhookSignatureInput input) => input.Timestamp.ToString(CultureInfo.InvariantCulture);

    private static byte[] Sign(string secret, ReadOnlySpan<byte> message) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message);
}
