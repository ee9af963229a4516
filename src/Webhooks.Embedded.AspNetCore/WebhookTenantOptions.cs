using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>How the tenant of a request is found. A request whose tenant is not found is refused with 403.</summary>
public sealed class WebhookTenantOptions
{
    /// <summary>
    /// The type of the claims that name the tenants a caller may act for. An API whose requests name a tenant themselves, such as by
    /// Bird's workspace or by DocSpace's host, takes the named one if the caller has a claim for it; the others need a caller with exactly one.
    /// </summary>
    /// <value>Default: <c>tenant</c>.</value>
    public string ClaimType { get; set; } = "tenant";

    /// <summary>Finds the tenant in the app's own way, in place of the claims; null or empty where the caller has none.</summary>
    /// <value>Default: null, by the claims.</value>
    public Func<HttpContext, string?>? Resolve { get; set; }
}
