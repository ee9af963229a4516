using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>What the path of a request says. A subscription's id that is none is simply not found.</summary>
internal static class BirdPath
{
    public const string WorkspaceId = "The workspace: the tenant, where tenants are on.";

    public static string Workspace(HttpContext http) => (string)http.GetRouteValue("workspaceId")!;

    /// <summary>Whether the path names this organization, or none.</summary>
    public static bool IsOf(HttpContext http, Guid organization) =>
        http.GetRouteValue("organizationId") is not string named || (Ids.TryUuid(named, out var uuid) && uuid == organization);

    /// <exception cref="RefusedException">There is no such subscription.</exception>
    public static async Task<Webhook> WebhookAsync(string id, WebhookScope scope, CancellationToken cancellationToken) =>
        Ids.TryUuid(id, out var uid) && await scope.Registry.FindAsync(uid, cancellationToken) is { } webhook
            ? webhook
            : throw BirdRefusals.NoWebhook();
}
