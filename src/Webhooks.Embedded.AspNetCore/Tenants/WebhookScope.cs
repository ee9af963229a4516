using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// What a request may see and change: the services, narrowed to its tenant. The handlers of all APIs reach webhooks, events and deliveries
/// this way alone.
/// </summary>
internal sealed class WebhookScope(HttpContext context)
{
    /// <summary>The tenant; null where the request may see all of them.</summary>
    public string? Tenant => Found.Tenant;

    public IWebhookRegistry Registry => Narrow<IWebhookRegistry>(static (all, tenant) => all.ForTenant(tenant));

    public IWebhookDeliveries Deliveries => Narrow<IWebhookDeliveries>(static (all, tenant) => all.ForTenant(tenant));

    public IWebhookEvents Events => Narrow<IWebhookEvents>(static (all, tenant) => all.ForTenant(tenant));

    public IWebhookOperations Operations => Narrow<IWebhookOperations>(static (all, tenant) => all.ForTenant(tenant));

    public IWebhookOverview Overview => Narrow<IWebhookOverview>(static (all, tenant) => all.ForTenant(tenant));

    // Filters run after parameters are bound, so the tenant is looked up when it is needed. Without the filter nothing is seen at all.
    private FoundTenant Found => context.Features.Get<FoundTenant>()
        ?? throw new InvalidOperationException("This route is not in a group that says whose webhooks it is about.");

    /// <summary>How handlers get it.</summary>
    public static ValueTask<WebhookScope?> BindAsync(HttpContext context) => ValueTask.FromResult<WebhookScope?>(new WebhookScope(context));

    /// <summary>The tenant of what is created or listed: the caller's own; where the request may see all, the one that it gives.</summary>
    /// <exception cref="WebhookValidationException">It gives another one than the caller's.</exception>
    public string TenantOf(string given) => Tenant is not { } own || own == given ? given
        : given.Length == 0 ? own
        : throw new WebhookValidationException("tenant", "not_yours", "The tenant follows from who calls. Leave it out.");

    private T Narrow<T>(Func<T, string, T> forTenant)
        where T : class
    {
        var tenant = Found.Tenant;
        var all = context.RequestServices.GetRequiredService<T>();
        return tenant is null ? all : forTenant(all, tenant);
    }
}

/// <summary>Whose webhooks a request is about; null: everybody's.</summary>
internal sealed record FoundTenant(string? Tenant);
