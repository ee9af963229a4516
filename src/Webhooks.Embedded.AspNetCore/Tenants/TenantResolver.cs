using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>Finds the tenant of a request. Registered where tenants are on.</summary>
internal sealed class TenantResolver(IOptions<WebhookTenantOptions> options)
{
    /// <param name="context">The request.</param>
    /// <param name="named">What the request itself calls the tenant, in APIs where it does.</param>
    /// <returns>Null where the caller has none, or not the one that is named.</returns>
    public string? Resolve(HttpContext context, IReadOnlyList<string> named)
    {
        var tenant = options.Value.Resolve is { } resolve ? resolve(context) : OfClaims(context, named);
        return string.IsNullOrWhiteSpace(tenant) ? null : tenant;
    }

    private string? OfClaims(HttpContext context, IReadOnlyList<string> named)
    {
        var own = context.User.FindAll(options.Value.ClaimType).Select(claim => claim.Value).Distinct(StringComparer.Ordinal).ToArray();
        return named.Count == 0
            ? own is [var only] ? only : null
            : own.FirstOrDefault(tenant => named.Contains(tenant, StringComparer.OrdinalIgnoreCase));
    }
}
