using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>Gives routes the shape in which they refuse.</summary>
internal static class RefusalConventions
{
    public static RouteGroupBuilder RefuseAs(this RouteGroupBuilder group, RefusalShape shape) =>
        group.WithMetadata(shape).AddEndpointFilter(new RefusalFilter(shape));

    /// <summary>
    /// Answers every other path below the group, and methods that its routes do not take. Last of all routes but fallbacks: what was
    /// mistyped must not come back as the page of the host's single-page app.
    /// </summary>
    public static void RefuseOtherPaths(this RouteGroupBuilder group, string path, RefusalShape shape) =>
        group.Map(path, (HttpContext context) =>
                shape.Refuse(StatusCodes.Status404NotFound, $"There is nothing here, or nothing that takes {context.Request.Method}."))
            .WithOrder(int.MaxValue - 1)
            .ExcludeFromDescription();

    /// <summary>What OpenAPI documents say of refusals.</summary>
    public static RouteHandlerBuilder RefusesWith<T>(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<T>(status, "application/json");
        }

        return route;
    }
}
