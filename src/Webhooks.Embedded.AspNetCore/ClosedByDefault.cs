using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// Routes nobody said anything about stay closed: without authorization metadata they answer 403, whatever the host's fallback policy
/// says, except to a caller on the developer's own machine.
/// </summary>
internal static partial class ClosedByDefault
{
    internal const string Code = "closed_by_default";
    private const string Fix = "Add .RequireAuthorization(…) to what the Map…() call returned, or .AllowAnonymous() to open it to everybody.";

    private const string Detail =
        $"Nobody has said who may call this. {Fix} Without either it is open in Development only, to callers on the same machine.";

    // A proxy on the same machine makes every caller look local; each of these headers tells of one. The X-Original-* ones are what is left
    // of the others once the host's forwarded-headers middleware has believed them.
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-", "X-Original-", "X-Real-IP", "Via"];

    public static RouteGroupBuilder CloseByDefault(this RouteGroupBuilder group)
    {
        var said = 0;
        ((IEndpointConventionBuilder)group).Finally(Close);
        return group;

        // Conventions that the host adds to the returned group have run when this does, filters and parameter binding come after it.
        void Close(EndpointBuilder endpoint)
        {
            if (!SaysWhoMayCall(endpoint.Metadata))
            {
                endpoint.Metadata.Add(ClosedRoute.Mark);
            }

            var handle = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
                MayPass(context) ? handle(context) : RefuseAsync(context, first: Interlocked.Exchange(ref said, 1) == 0);
        }
    }

    internal static bool SaysWhoMayCall(IEnumerable<object> metadata) =>
        metadata.Any(item => item
            is IAuthorizeData or AuthorizationPolicy or IAuthorizationRequirementData or (IAllowAnonymous and not ClosedRoute));

    private static bool MayPass(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<ClosedRoute>() is null
        || (context.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment() && IsOwnMachine(context));

    internal static bool IsOwnMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } caller
        && IsLoopback(caller)
        && NamesOwnMachine(context.Request.Host.Host)
        && !context.Request.Headers.Keys.Any(name => ProxyHeaders.Any(mark => name.StartsWith(mark, StringComparison.OrdinalIgnoreCase)));

    // A page of any site can have its name resolve to 127.0.0.1 (DNS rebinding); the browser still says that name here.
    private static bool NamesOwnMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IsLoopback(address));

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static async Task RefuseAsync(HttpContext context, bool first)
    {
        if (first)
        {
            var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ClosedByDefault).FullName!);
            Log.Refused(logger, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
        }

        if (!await RefusalShape.TryRefuseAsync(context, StatusCodes.Status403Forbidden, static _ => Detail))
        {
            await Problem.Of(StatusCodes.Status403Forbidden, Code, "Closed by default", Detail).ExecuteAsync(context);
        }
    }

    /// <summary>
    /// Marks a closed route. It is "anonymous" to the host's authorization so that a fallback policy neither opens the route to whoever
    /// is signed in nor answers in our place; the mark itself keeps the route closed, even where a later convention adds authorization.
    /// </summary>
    private sealed class ClosedRoute : IAllowAnonymous
    {
        public static readonly ClosedRoute Mark = new();
    }

    private static partial class Log
    {
        [LoggerMessage(
            5001,
            LogLevel.Warning,
            $"Refused {{Method}} {{Route}}: nobody has said who may call it. {Fix} Said once.",
            EventName = "ClosedByDefault")]
        public static partial void Refused(ILogger logger, string method, string? route);
    }
}
