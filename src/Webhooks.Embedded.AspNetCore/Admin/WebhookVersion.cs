using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>The version of a webhook as an <c>ETag</c>, and what a request's <c>If-Match</c> says of it (RFC 9110 §13.1.1).</summary>
internal static class WebhookVersion
{
    public static void Show(HttpContext context, long version) => context.Response.Headers.ETag = Tag(version);

    /// <summary>Whether the request goes for this version; null where it goes for any.</summary>
    /// <exception cref="WebhookValidationException"><c>If-Match</c> is no list of entity tags.</exception>
    public static Func<long, bool>? Wanted(string? ifMatch)
    {
        if (ifMatch is null or "*")
        {
            return null;
        }

        if (!EntityTagHeaderValue.TryParseStrictList([ifMatch], out var tags))
        {
            throw new WebhookValidationException(
                "If-Match", "invalid_version", "Must be the ETag that the webhook came with, quotation marks included, or *.");
        }

        // By strong comparison, so that a weak tag fits nothing.
        return version => tags.Any(tag => !tag.IsWeak && tag.Tag == Tag(version));
    }

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
}
