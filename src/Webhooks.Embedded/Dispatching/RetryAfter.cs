using System.Globalization;
using System.Net.Http.Headers;

namespace Webhooks.Embedded.Dispatching;

/// <summary>The <c>Retry-After</c> header (RFC 9110 §10.2.3): whole seconds or an HTTP date. Anything else says nothing.</summary>
internal static class RetryAfter
{
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (!headers.NonValidated.TryGetValues("Retry-After", out var values) || values.Count != 1)
        {
            return null;
        }

        var value = values.ToString().Trim();
        if (value.Length is > 0 and <= 10 && !value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return TimeSpan.FromSeconds(long.Parse(value, CultureInfo.InvariantCulture));
        }

        return DateTimeOffset.TryParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date - now
            : null;
    }
}
