using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore;
using Webhooks.Embedded.AspNetCore.Baanx;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the Baanx-shaped API.</summary>
public static class BaanxWebhooksEndpointRouteBuilderExtensions
{
    private const int MostWebhooks = 1000;

    /// <summary>
    /// Maps the webhook API of Baanx over the app's webhooks, so that its clients and scripts work with nothing changed but base URL and
    /// token: webhooks, the rotation of their keys, their logs, events, and the retry of an event.
    /// </summary>
    /// <remarks>Where tenants are on, a request is about the tenant of its caller; otherwise about webhooks of the tenant <c>""</c>.</remarks>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Where to map it; Baanx itself has it at <c>/v1/webhooks</c>.</param>
    /// <returns>The routes. They answer 403 until the app says who may use them, for example with <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebhooks()</c> was not called.</exception>
    /// <example><code>app.MapBaanxWebhooks("/v1/webhooks").RequireAuthorization();</code></example>
    public static RouteGroupBuilder MapBaanxWebhooks(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix) =>
        endpoints.MapBaanxWebhooks(prefix, _ => { });

    /// <inheritdoc cref="MapBaanxWebhooks(IEndpointRouteBuilder, string)"/>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Where to map it; Baanx itself has it at <c>/v1/webhooks</c>.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="BaanxWebhooksOptions.MaxWebhooks"/> is out of its range.</exception>
    public static RouteGroupBuilder MapBaanxWebhooks(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix, Action<BaanxWebhooksOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(configure);

        var options = new BaanxWebhooksOptions();
        configure(options);
        if (options.MaxWebhooks is < 1 or > MostWebhooks)
        {
            throw new ArgumentOutOfRangeException(
                nameof(configure), options.MaxWebhooks, $"{nameof(BaanxWebhooksOptions.MaxWebhooks)} must be from 1 to {MostWebhooks}.");
        }

        var node = endpoints.ServiceProvider.GetService<IWebhookNode>()
            ?? throw new InvalidOperationException(
                "MapBaanxWebhooks() needs the webhooks: call builder.Services.AddWebhooks() before the app is built.");
        var app = endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>().ApplicationName;
        var refusals = new BaanxRefusals();

        var group = endpoints.MapGroup(prefix).WithTags("Baanx webhooks").DisableAntiforgery().RefusesAnywhere(typeof(BaanxRefusal), "application/json");
        group.SetAnswerHeaders().CloseByDefault().KeepRouteNamesUnique(nameof(MapBaanxWebhooks)).RefuseAs(refusals);
        if (!node.Delivers && !options.DeliveredElsewhere)
        {
            group.AddEndpointFilter((_, _) => throw BaanxRefusals.NotConfigured());
        }

        group.AddEndpointFilter(CrossSiteGuard.FilterAsync);
        group.ForTenantOfCaller(
            withoutTenants: "",
            named: static _ => [],
            refuse: _ => refusals.Refuse(StatusCodes.Status403Forbidden, refusals.NotAuthorized));

        new BaanxWebhookRoutes(options).Map(group);
        new BaanxEventRoutes(new BaanxEvents(options.SourceService ?? app)).Map(group);
        group.RefuseOtherPaths("{**path}", refusals);
        return group;
    }
}
