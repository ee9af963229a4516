namespace Webhooks.Embedded.AspNetCore.Tests.Vendors;

/// <summary>Every route of both APIs, as a request that it takes.</summary>
internal static class VendorRoutes
{
    private const string Id = "550e8400-e29b-41d4-a716-446655440000";
    private const string Organization = "/organizations/00000000-0000-0000-0000-000000000000";
    private const string NewBaanx = """{"name":"KYC","url":"https://example.com/in","event_types":["order.*"]}""";
    private const string NewBird = """{"service":"channels","event":"order.paid","url":"https://example.com/in"}""";

    public static IReadOnlyList<(HttpMethod Method, string Path, string? Body)> Baanx { get; } =
    [
        (HttpMethod.Get, VendorHost.Baanx, null),
        (HttpMethod.Post, VendorHost.Baanx, NewBaanx),
        (HttpMethod.Get, $"{VendorHost.Baanx}/{Id}", null),
        (HttpMethod.Put, $"{VendorHost.Baanx}/{Id}", """{"name":"Other"}"""),
        (HttpMethod.Delete, $"{VendorHost.Baanx}/{Id}", null),
        (HttpMethod.Post, $"{VendorHost.Baanx}/{Id}/rotate-key", null),
        (HttpMethod.Get, $"{VendorHost.Baanx}/{Id}/logs", null),
        (HttpMethod.Get, $"{VendorHost.Baanx}/events", null),
        (HttpMethod.Get, $"{VendorHost.Baanx}/events/{Id}/status", null),
        (HttpMethod.Get, $"{VendorHost.Baanx}/events/{Id}/logs", null),
        (HttpMethod.Post, $"{VendorHost.Baanx}/events/{Id}/retry", null),
    ];

    public static IReadOnlyList<(HttpMethod Method, string Path, string? Body)> Bird { get; } =
        [.. Below(VendorHost.Bird), .. Below(Organization + VendorHost.Bird)];

    private static IEnumerable<(HttpMethod Method, string Path, string? Body)> Below(string root) =>
    [
        (HttpMethod.Post, root, NewBird),
        (HttpMethod.Get, root, null),
        (HttpMethod.Get, $"{root}/{Id}", null),
        (HttpMethod.Patch, $"{root}/{Id}", """{"status":"inactive"}"""),
        (HttpMethod.Delete, $"{root}/{Id}", null),
        (HttpMethod.Get, $"{root}/{Id}/logs", null),
        (HttpMethod.Get, $"{root}/{Id}/logs/details?requestId={Id}", null),
    ];
}
