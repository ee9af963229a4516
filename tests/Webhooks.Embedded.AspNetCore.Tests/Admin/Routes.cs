using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.Tests.Admin;

/// <summary>Every route of the admin API as a request that it takes.</summary>
internal static class Routes
{
    public static IReadOnlyList<(HttpMethod Method, string Path, string? Body)> All { get; } =
    [
        (HttpMethod.Get, "webhooks", null),
        (HttpMethod.Post, "webhooks", """{"name":"Orders","url":"https://example.com/in","triggers":["*"]}"""),
        (HttpMethod.Get, "webhooks/1", null),
        (HttpMethod.Patch, "webhooks/1", """{"name":"Orders"}"""),
        (HttpMethod.Delete, "webhooks/1", null),
        (HttpMethod.Post, "webhooks/1/enable", null),
        (HttpMethod.Post, "webhooks/1/disable", null),
        (HttpMethod.Post, "webhooks/1/rotate-secret", null),
        (HttpMethod.Post, "webhooks/1/test", null),
        (HttpMethod.Post, "webhooks/1/revoke-secrets", null),
        (HttpMethod.Get, "webhooks/1/secrets", null),
        (HttpMethod.Post, "webhooks/1/reveal-secrets", null),
        (HttpMethod.Get, "triggers", null),
        (HttpMethod.Get, "triggers/order.paid", null),
        (HttpMethod.Get, "events", null),
        (HttpMethod.Post, "events", """{"trigger":"order.paid","payload":{}}"""),
        (HttpMethod.Get, "events/01890a5d-ac96-774b-bcce-b302099a8057", null),
        (HttpMethod.Post, "events/01890a5d-ac96-774b-bcce-b302099a8057/send", null),
        (HttpMethod.Get, "deliveries", null),
        (HttpMethod.Get, "deliveries/1", null),
        (HttpMethod.Get, "deliveries/1/attempts", null),
        (HttpMethod.Post, "deliveries/1/retry", null),
        (HttpMethod.Post, "deliveries/retry", """{"ids":[1]}"""),
        (HttpMethod.Post, "deliveries/1/cancel", null),
        (HttpMethod.Post, "deliveries/cancel", """{"ids":[1]}"""),
        (HttpMethod.Post, "operations/preview", """{"filter":{"status":["exhausted"]}}"""),
        (HttpMethod.Post, "operations", """{"kind":"retry","filter":{"status":["exhausted"]}}"""),
        (HttpMethod.Get, "operations", null),
        (HttpMethod.Get, "overview", null),
        (HttpMethod.Get, "operations/01890a5d-ac96-774b-bcce-b302099a8057", null),
        (HttpMethod.Post, "operations/01890a5d-ac96-774b-bcce-b302099a8057/cancel", null),
    ];

    /// <summary>The registered routes as <c>METHOD pattern</c>, those for every method as <c>* pattern</c>.</summary>
    public static IReadOnlyList<string> Registered(EndpointDataSource endpoints) =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
            (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}")),
    ];

    public static string Pattern(string path) =>
        Regex.Replace(Regex.Replace(path, "/(1|[0-9a-f-]{36})(?=/|$)", "/{id}"), "^triggers/.*", "triggers/{name}");
}
