using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>
/// Whom routes ask for: what shows secrets asks the policy for that, what only reads the one for reading, everything else the one for
/// managing. It follows from the method, so that no new route can be forgotten.
/// </summary>
internal static class AdminPolicies
{
    public static void AskPolicies(this RouteGroupBuilder api, WebhookAdminOptions options) =>
        ((IEndpointConventionBuilder)api).Add(endpoint =>
        {
            if (PolicyOf(endpoint, options) is { } policy)
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(policy));
            }
        });

    /// <summary>
    /// Lets nobody pass for whom the policy for revealing was not asked. What authorizes the group is not enough, and in a group that is open
    /// to everybody no policy is asked at all.
    /// </summary>
    public static RouteHandlerBuilder OnlyIfRevealIsAsked(this RouteHandlerBuilder route, WebhookAdminOptions options) =>
        route.AddEndpointFilter((invocation, next) => IsRevealAsked(invocation.HttpContext, options)
            ? next(invocation)
            : throw new ProblemException(AdminProblems.RevealClosed()));

    private static bool IsRevealAsked(HttpContext context, WebhookAdminOptions options) =>
        options.RevealPolicy is { } policy
        && context.GetEndpoint()?.Metadata is { } metadata
        && metadata.GetMetadata<IAllowAnonymous>() is null
        && metadata.OfType<IAuthorizeData>().Any(data => data.Policy == policy);

    private static string? PolicyOf(EndpointBuilder endpoint, WebhookAdminOptions options) =>
        RevealsSecrets(endpoint) ? options.RevealPolicy
        : OnlyReads(endpoint) ? options.ReadPolicy
        : options.ManagePolicy;

    // By the handler itself: conventions of groups run before the metadata of routes is there, its attributes included.
    private static bool RevealsSecrets(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<MethodInfo>().Any(handler => handler.IsDefined(typeof(RevealsSecretsAttribute)));

    // What takes every method is the answer to paths that are no route: it changes nothing.
    private static bool OnlyReads(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is not { } methods || methods.HttpMethods.All(CrossSiteGuard.IsSafe);
}

/// <summary>On the handler of a route that shows secrets.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RevealsSecretsAttribute : Attribute;
