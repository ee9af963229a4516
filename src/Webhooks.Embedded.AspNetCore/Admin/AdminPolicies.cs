using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>
/// Whom routes ask for: what only reads asks the policy for reading, everything else the one for managing. It follows from the method, so
/// that no new route can be forgotten.
/// </summary>
internal static class AdminPolicies
{
    public static void AskPolicies(this RouteGroupBuilder api, WebhookAdminOptions options) =>
        ((IEndpointConventionBuilder)api).Add(endpoint =>
        {
            if ((OnlyReads(endpoint) ? options.ReadPolicy : options.ManagePolicy) is { } policy)
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(policy));
            }
        });

    // What takes every method is the answer to paths that are no route: it changes nothing.
    private static bool OnlyReads(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is not { } methods || methods.HttpMethods.All(CrossSiteGuard.IsSafe);
}
