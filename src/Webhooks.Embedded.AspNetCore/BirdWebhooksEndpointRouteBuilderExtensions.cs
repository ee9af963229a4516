using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore;
using Webhooks.Embedded.AspNetCore.Bird;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the Bird-shaped API.</summary>
public static class BirdWebhooksEndpointRouteBuilderExtensions
{
    private const int MostPerFilter = 1000;

    /// <summary>
    /// Maps the webhook subscriptions of Bird over the app's webhooks, so that its clients and scripts work with nothing changed but base URL
    /// and key: subscriptions, their logs, and the details of a log. Every route is there twice, below
    /// <c>workspaces/{workspaceId}/webhook-subscriptions</c> and below <c>organizations/{organizationId}/</c> before that.
    /// </summary>
    /// <remarks>
    /// Where tenants are on, the workspace names the tenant, and the caller must have it; otherwise every workspace shows the webhooks of the
    /// tenant <c>""</c>.
    /// </remarks>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Where to map it; Bird itself has it at the root.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The routes. They answer 403 until the app says who may use them, for example with <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebhooks()</c> was not called.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <example><code>app.MapBirdWebhooks().RequireAuthorization();</code></example>
    public static RouteGroupBuilder MapBirdWebhooks(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "", Action<BirdWebhooksOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IWebhookRegistry)) != true)
        {
            throw new InvalidOperationException(
                "MapBirdWebhooks() needs the webhooks: call builder.Services.AddWebhooks() before the app is built.");
        }

        var options = new BirdWebhooksOptions();
        configure?.Invoke(options);
        Check(options);

        var refusals = new BirdRefusals();
        var group = endpoints.MapGroup(prefix).WithTags("Bird webhook subscriptions").DisableAntiforgery().RefusesAnywhere(typeof(BirdRefusal), "application/json");
        group.SetAnswerHeaders().CloseByDefault().KeepRouteNamesUnique(nameof(MapBirdWebhooks)).RefuseAs(refusals);
        group.AddEndpointFilter(CrossSiteGuard.FilterAsync);
        group.ForTenantOfCaller(
            withoutTenants: "",
            named: static http => [BirdPath.Workspace(http)],
            refuse: _ => refusals.Refuse(StatusCodes.Status403Forbidden, refusals.NotAuthorized));
        group.AddEndpointFilter((invocation, next) =>
            BirdPath.IsOf(invocation.HttpContext, options.OrganizationId) ? next(invocation) : throw BirdRefusals.NoOrganization());

        Map("workspaces/{workspaceId}/webhook-subscriptions", "Bird_")
            .TakesInPath(([Description(BirdPath.WorkspaceId)] string workspaceId) => { });
        Map("organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions", "Bird_Organization")
            .TakesInPath(([Description("The UUID of the organization.")] string organizationId, [Description(BirdPath.WorkspaceId)] string workspaceId) => { });
        return group;

        RouteGroupBuilder Map(string path, string name)
        {
            var routes = group.MapGroup(path);
            new BirdWebhookRoutes(options).Map(routes, name);
            new BirdLogRoutes(options).Map(routes, name);
            routes.RefuseOtherPaths("{**path}", refusals);
            return routes;
        }
    }

    private static void Check(BirdWebhooksOptions options)
    {
        if (options.MaxPerFilter is < 1 or > MostPerFilter)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.MaxPerFilter, $"{nameof(BirdWebhooksOptions.MaxPerFilter)} must be from 1 to {MostPerFilter}.");
        }

        if (options.Services is null or [] || options.Services.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"{nameof(BirdWebhooksOptions.Services)} must name at least one service, and none that is blank.");
        }
    }
}
