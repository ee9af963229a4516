using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>What every answer of a vendor-shaped API says of itself: that no cache may keep it, and that it is no page.</summary>
internal static class AnswerHeaders
{
    public static void Set(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    /// <summary>To be the first of all filters, so that it holds for what the others refuse as well.</summary>
    public static RouteGroupBuilder SetAnswerHeaders(this RouteGroupBuilder group) => group.AddEndpointFilter((context, next) =>
    {
        Set(context.HttpContext.Response);
        return next(context);
    });
}
