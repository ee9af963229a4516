using System.Globalization;
using System.Net.Http.Headers;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// The <c>Retry-After</c> header (RFC 9110 §10.2.3): whole seconds or an HTTP date, up to <see cref="Max"/>. Anything else says nothing, and
/// neither does a date that is past.
/// </summary>
internal static class RetryAfter
{
    /// <summary>What a receiver can ask for at most. Whoever asks for more gets this.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromHours(1);

    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (!headers.NonValidated.TryGetValues("Retry-After", out var values) || values.Count != 1)
        {
            return null;
        }

        var value = values.ToString().Trim();
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            // What is no 32-bit number of seconds is more than enough.
            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Max.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : Max;
        }

        if (!DateTimeOffset.TryParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) || date <= now)
        {
            return null;
        }

        return date - now < Max ? date - now : Max;
    }
}
