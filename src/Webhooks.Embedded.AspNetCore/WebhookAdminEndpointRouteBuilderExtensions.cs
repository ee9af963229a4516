using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore;
using Webhooks.Embedded.AspNetCore.Admin;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the admin API of the webhooks.</summary>
public static class WebhookAdminEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the admin API, JSON under <c>{prefix}/api/</c>: webhooks, triggers, events, deliveries, attempts, retries.
    /// </summary>
    /// <remarks>
    /// Closed by default: until the returned group has <c>RequireAuthorization(…)</c> or <c>AllowAnonymous()</c>, every route answers 403,
    /// except in the Development environment to callers on the same machine. The host's fallback policy does not apply.
    /// </remarks>
    /// <param name="endpoints">The app, or a group of it.</param>
    /// <param name="prefix">The path, such as <c>/webhooks</c>.</param>
    /// <returns>The group of all routes, for authorization, rate limits, hosts and the like.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebhooks()</c> was not called.</exception>
    /// <example><code>app.MapWebhookAdmin("/webhooks").RequireAuthorization("Admin");</code></example>
    public static RouteGroupBuilder MapWebhookAdmin(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix) =>
        endpoints.MapWebhookAdmin(prefix, _ => { });

    /// <inheritdoc cref="MapWebhookAdmin(IEndpointRouteBuilder, string)"/>
    /// <param name="endpoints">The app, or a group of it.</param>
    /// <param name="prefix">The path, such as <c>/webhooks</c>.</param>
    /// <param name="configure">Sets options: policies for reading, managing and revealing secrets.</param>
    public static RouteGroupBuilder MapWebhookAdmin(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix, Action<WebhookAdminOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(configure);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(IWebhookRegistry)) != true)
        {
            throw new InvalidOperationException(
                "MapWebhookAdmin() needs the webhooks: call builder.Services.AddWebhooks() before the app is built.");
        }

        var options = new WebhookAdminOptions();
        configure(options);

        var admin = endpoints.MapGroup(prefix).CloseByDefault().KeepRouteNamesUnique(nameof(MapWebhookAdmin));
        var api = admin.MapGroup("api").WithTags("Webhooks").RefusesAnywhere().DisableAntiforgery();
        api.AddEndpointFilter(AdminProblems.CatchAsync);
        api.AddEndpointFilter(CrossSiteGuard.FilterAsync);
        if (options.AllTenants)
        {
            api.ForAllTenants();
        }
        else
        {
            api.ForTenantOfCaller(withoutTenants: null, named: static _ => [], refuse: static _ => AdminProblems.NoTenant());
        }

        api.AskPolicies(options);
        api.MapWebhookRoutes(options);
        api.MapTriggerRoutes();
        api.MapEventRoutes();
        api.MapDeliveryRoutes();
        api.MapSendRoutes();
        api.MapOperationRoutes();
        api.MapOverviewRoutes();

        // Last of all routes but fallbacks: a mistyped path must not come back as the page of the host's single-page app.
        api.Map("{**path}", (HttpContext context) => (IResult)AdminProblems.NoRoute(context))
            .WithOrder(int.MaxValue - 1)
            .ExcludeFromDescription();
        return admin;
    }
}
