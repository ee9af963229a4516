using Microsoft.AspNetCore.Http;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Turns tenants on.</summary>
public static class WebhookTenantsBuilderExtensions
{
    /// <summary>
    /// Every request to the mapped APIs is about one tenant from now on: what belongs to others is not found, and what is created is the
    /// tenant's. Who has no tenant is refused. <see cref="WebhookAdminOptions.AllTenants"/> opens an admin API to all of them.
    /// </summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="configure">Says how the tenant is found. Default: by the caller's claims of the type <c>tenant</c>.</param>
    public static IWebhooksBuilder UseTenants(this IWebhooksBuilder builder, Action<WebhookTenantOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<WebhookTenantOptions>();
        builder.Services.AddSingleton<TenantResolver>();
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        return builder;
    }

    /// <summary>The same, with the app's own way to the tenant.</summary>
    /// <param name="builder">What <c>AddWebhooks()</c> returned.</param>
    /// <param name="resolve">Finds the tenant of a request: by a claim, the host, a header that a gateway sets. Null or empty where the caller has none.</param>
    public static IWebhooksBuilder UseTenants(this IWebhooksBuilder builder, Func<HttpContext, string?> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return builder.UseTenants((WebhookTenantOptions options) => options.Resolve = resolve);
    }
}
