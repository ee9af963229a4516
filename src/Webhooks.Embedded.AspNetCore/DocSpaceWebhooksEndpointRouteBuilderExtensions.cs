using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore;
using Webhooks.Embedded.AspNetCore.DocSpace;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the DocSpace-shaped API.</summary>
public static class DocSpaceWebhooksEndpointRouteBuilderExtensions
{
    private static readonly TimeSpan LongestRetryWait = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Maps the webhook API of ONLYOFFICE DocSpace over the app's webhooks, so that its clients and scripts work with nothing changed but
    /// base URL and key: <c>webhook</c>, <c>webhook/enable</c>, <c>webhook/{id}</c>, <c>webhook/{id}/retry</c>, <c>webhook/retry</c>,
    /// <c>webhook/triggers</c> and <c>webhooks/log</c>.
    /// </summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Where to map it; DocSpace itself has it at <c>/api/2.0/settings</c>.</param>
    /// <returns>The routes. They answer 403 until the app says who may use them, for example with <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException">
    /// <c>AddWebhooks()</c> was not called, or a trigger has no number of its own.
    /// </exception>
    public static RouteGroupBuilder MapDocSpaceWebhooks(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix) =>
        endpoints.MapDocSpaceWebhooks(prefix, _ => { });

    /// <inheritdoc cref="MapDocSpaceWebhooks(IEndpointRouteBuilder, string)"/>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Where to map it; DocSpace itself has it at <c>/api/2.0/settings</c>.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="DocSpaceWebhooksOptions.RetryWait"/> is out of its range.</exception>
    public static RouteGroupBuilder MapDocSpaceWebhooks(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix, Action<DocSpaceWebhooksOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(configure);

        var options = new DocSpaceWebhooksOptions();
        configure(options);
        if (options.RetryWait < TimeSpan.Zero || options.RetryWait > LongestRetryWait)
        {
            throw new ArgumentOutOfRangeException(
                nameof(configure), options.RetryWait, $"{nameof(DocSpaceWebhooksOptions.RetryWait)} must be from 0 to {LongestRetryWait}.");
        }

        var catalogue = endpoints.ServiceProvider.GetService<IWebhookTriggers>()
            ?? throw new InvalidOperationException(
                "MapDocSpaceWebhooks() needs the webhooks: call builder.Services.AddWebhooks() before the app is built.");
        var triggers = new DocSpaceTriggers(catalogue.All);

        var refusals = new DocSpaceRefusals();
        var group = endpoints.MapGroup(prefix).WithTags("DocSpace webhooks").SetAnswerHeaders();
        group.CloseByDefault().KeepRouteNamesUnique(nameof(MapDocSpaceWebhooks)).RefuseAs(refusals);
        group.AddEndpointFilter(CrossSiteGuard.FilterAsync);
        group.ForTenantOfCaller(
            withoutTenants: "",
            named: HostAndItsFirstLabel,
            refuse: _ => refusals.Refuse(StatusCodes.Status403Forbidden, refusals.NotAuthorized));

        var probe = options.ProbeOnCreate ? ActivatorUtilities.CreateInstance<DocSpaceProbe>(endpoints.ServiceProvider) : null;
        new DocSpaceWebhookRoutes(triggers, probe).Map(group);
        new DocSpaceLogRoutes(triggers, options).Map(group);
        return group;
    }

    // A portal of DocSpace has a host of its own: portal.example.com, or acme.example.com where tenants are called by short names.
    private static IReadOnlyList<string> HostAndItsFirstLabel(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return [host, host.Split('.')[0]];
    }
}
