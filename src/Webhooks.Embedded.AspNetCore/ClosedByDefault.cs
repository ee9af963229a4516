using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>Keeps routes closed until the app says who may use them.</summary>
internal static class ClosedByDefault
{
    /// <summary>
    /// Answers 403 on every route of the group that has neither authorization nor allow-anonymous metadata, except to callers from
    /// loopback in Development.
    /// </summary>
    public static RouteGroupBuilder CloseByDefault(this RouteGroupBuilder group) => group.AddEndpointFilter(
        async (context, next) => IsOpen(context.HttpContext) ? await next(context) : Results.StatusCode(StatusCodes.Status403Forbidden));

    private static bool IsOpen(HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        return metadata?.GetMetadata<IAuthorizeData>() is not null
            || metadata?.GetMetadata<AuthorizationPolicy>() is not null
            || metadata?.GetMetadata<IAllowAnonymous>() is not null
            || (http.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment()
                && http.Connection.RemoteIpAddress is { } address
                && IPAddress.IsLoopback(address));
    }
}
