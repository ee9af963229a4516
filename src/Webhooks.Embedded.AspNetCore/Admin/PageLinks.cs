using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>Links to further resources. All are relative, so that they hold under any base path and behind any proxy.</summary>
internal static class PageLinks
{
    /// <summary>Names the next page in the <c>Link</c> header: the same filters with the cursor.</summary>
    public static void AddNext(HttpContext context, string? cursor)
    {
        if (cursor is null)
        {
            return;
        }

        var query = new QueryBuilder(context.Request.Query.Where(pair => pair.Key != "cursor")) { { "cursor", cursor } };
        context.Response.Headers.Link = $"<{query}>; rel=\"next\"";
    }

    /// <summary>Points from the list that was posted to, to the item that came of it.</summary>
    public static void AddLocation(HttpContext context, string list, string id) =>
        context.Response.Headers.Location = context.Request.Path.Value!.EndsWith('/') ? id : $"{list}/{id}";
}
