using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>
/// Keeps pages of other sites from changing things with a person's cookies, by what browsers say about the origin of a request. Tokens
/// are not needed for that, and would break behind load balancers that do not share their keys.
/// </summary>
internal static class CrossSiteGuard
{
    /// <summary>The filter of every route of ours.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var request = invocation.HttpContext.Request;
        if (IsSafe(request.Method))
        {
            return next(invocation);
        }

        if (IsFromAnotherSite(request))
        {
            throw new ProblemException(RequestProblems.CrossSiteRequest());
        }

        // Forms can post without a preflight, but never as JSON. Routes without a body are held to it as well.
        return request.ContentType is null || RequestBody.IsJson(request)
            ? next(invocation)
            : throw new ProblemException(RequestProblems.UnsupportedMediaType());
    }

    /// <summary>Callers that are not browsers send neither header; there is no cookie of theirs to abuse.</summary>
    internal static bool IsFromAnotherSite(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.Count > 0)
        {
            return site is not ["same-origin"] and not ["none"];
        }

        // Only the authority is compared: behind a proxy that ends TLS the scheme differs.
        return request.Headers.Origin is { Count: > 0 } origin
            && !(origin is [{ } only]
                && Uri.TryCreate(only, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    internal static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
