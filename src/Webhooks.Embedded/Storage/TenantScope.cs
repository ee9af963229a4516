namespace Webhooks.Embedded.Storage;

/// <summary>Whose rows a repository sees: those of one tenant, or all where there is none. Every statement of a scoped repository names its tenant.</summary>
internal readonly record struct TenantScope(string? Tenant)
{
    /// <summary>A condition to add to others, with the parameter <c>@ScopeTenant</c>; nothing where all tenants are seen.</summary>
    public string And(string column) => Tenant is null ? "" : $" and {column} = @ScopeTenant";

    /// <summary>The same for a table whose rows have no tenant of their own: their webhook's.</summary>
    public string AndOfWebhook(WebhookTables tables) =>
        Tenant is null ? "" : $" and webhook_id in (select w.id from {tables.Webhooks} w where w.tenant = @ScopeTenant)";

    /// <summary>The scope narrowed to a tenant. It is never widened.</summary>
    public TenantScope To(string tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return Tenant is null || Tenant == tenant
            ? new TenantScope(tenant)
            : throw new InvalidOperationException("This is for one tenant already, and cannot be for another one.");
    }
}
