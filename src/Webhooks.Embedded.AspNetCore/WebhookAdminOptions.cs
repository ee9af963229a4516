namespace Webhooks.Embedded.AspNetCore;

/// <summary>Options of the admin API.</summary>
public sealed class WebhookAdminOptions
{
    /// <summary>The authorization policy of routes that only read. It is asked beside what the returned group requires.</summary>
    /// <value>Default: null, what the returned group requires is enough.</value>
    public string? ReadPolicy { get; set; }

    /// <summary>The authorization policy of routes that change something: webhooks, secrets, publishing, retries.</summary>
    /// <value>Default: null, what the returned group requires is enough.</value>
    public string? ManagePolicy { get; set; }

    /// <summary>
    /// The authorization policy of the route that shows a webhook's secrets again. It is asked beside what the returned group requires,
    /// which by itself is not enough.
    /// </summary>
    /// <value>Default: null, nobody sees them.</value>
    public string? RevealPolicy { get; set; }

    /// <summary>Whether this admin API is about all tenants, such as for the operators of the app, where <c>UseTenants</c> turned tenants on.</summary>
    /// <value>Default: false, it is about the caller's tenant.</value>
    public bool AllTenants { get; set; }
}
