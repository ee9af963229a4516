using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// Lets an app map the same routes more than once, such as for operators and for tenants. Names of routes must be unique in an app:
/// two alike make every request to any of the app's routes fail.
/// </summary>
internal static class UniqueRouteNames
{
    private static readonly ConditionalWeakTable<IServiceProvider, ConcurrentDictionary<string, int>> Mappings = [];

    /// <summary>From the second mapping in an app on, the names end with its number: <c>Webhooks_ListWebhooks_2</c>.</summary>
    public static RouteGroupBuilder KeepRouteNamesUnique(this RouteGroupBuilder group, string api)
    {
        var app = ((IEndpointRouteBuilder)group).ServiceProvider;
        var number = Mappings.GetOrCreateValue(app).AddOrUpdate(api, 1, static (_, last) => last + 1);
        if (number > 1)
        {
            ((IEndpointConventionBuilder)group).Finally(Rename);
        }

        return group;

        void Rename(EndpointBuilder endpoint)
        {
            if (endpoint.Metadata.OfType<IEndpointNameMetadata>().LastOrDefault() is not { } named)
            {
                return;
            }

            foreach (var item in endpoint.Metadata.Where(item => item is IEndpointNameMetadata or IRouteNameMetadata).ToList())
            {
                endpoint.Metadata.Remove(item);
            }

            var name = $"{named.EndpointName}_{number}";
            endpoint.Metadata.Add(new EndpointNameMetadata(name));
            endpoint.Metadata.Add(new RouteNameMetadata(name));
        }
    }
}
