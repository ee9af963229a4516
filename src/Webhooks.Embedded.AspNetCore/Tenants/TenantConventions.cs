using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>Says of a group of routes whose webhooks they are about.</summary>
internal static class TenantConventions
{
    /// <summary>Everybody's, whether tenants are on or not.</summary>
    public static RouteGroupBuilder ForAllTenants(this RouteGroupBuilder group)
    {
        var all = new FoundTenant(null);
        group.AddEndpointFilter((invocation, next) =>
        {
            invocation.HttpContext.Features.Set(all);
            return next(invocation);
        });
        return group;
    }

    /// <summary>Where tenants are on, those of the caller's tenant.</summary>
    /// <param name="group">The routes.</param>
    /// <param name="withoutTenants">Where tenants are off: the empty string for the tenant of apps that have none, null for everybody's.</param>
    /// <param name="named">What a request itself calls the tenant, by one name or another; empty where it names none.</param>
    /// <param name="refuse">The answer to who has no tenant, or not the one that is named.</param>
    public static RouteGroupBuilder ForTenantOfCaller(
        this RouteGroupBuilder group, string? withoutTenants, Func<HttpContext, IReadOnlyList<string>> named, Func<HttpContext, IResult> refuse)
    {
        var resolver = ((IEndpointRouteBuilder)group).ServiceProvider.GetService<TenantResolver>();
        group.AddEndpointFilter((invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (resolver is null)
            {
                context.Features.Set(new FoundTenant(withoutTenants));
                return next(invocation);
            }

            if (resolver.Resolve(context, named(context)) is not { } tenant)
            {
                return ValueTask.FromResult<object?>(refuse(context));
            }

            context.Features.Set(new FoundTenant(tenant));
            return next(invocation);
        });
        return group;
    }
}
