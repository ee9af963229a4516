using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Tests.Admin;

namespace Webhooks.Embedded.AspNetCore.Tests.Surface;

/// <summary>
/// Every route of every API, asked by everybody. A route that is not in the table fails: who adds one says here who may call it.
/// </summary>
public sealed class AuthorizationMatrixTests(AuthorizationMatrixTests.MappedHost shared) : IClassFixture<AuthorizationMatrixTests.MappedHost>
{
    private static int s_tenants;

    private static readonly Row[] Table =
    [
        // The admin API, with policies for reading, managing and revealing.   reader manager revealer other
        new("GET /webhooks/api/webhooks", null, 200, 200, 403, 200),
        new("POST /webhooks/api/webhooks", """{"name":"New","url":"https://example.com/","triggers":["*"]}""", 403, 201, 403, 201),
        new("GET /webhooks/api/webhooks/{id}", null, 200, 200, 403, 404),
        new("PATCH /webhooks/api/webhooks/{id}", """{"name":"Changed"}""", 403, 200, 403, 404),
        new("DELETE /webhooks/api/webhooks/{id}", null, 403, 204, 403, 404),
        new("POST /webhooks/api/webhooks/{id}/enable", null, 403, 200, 403, 404),
        new("POST /webhooks/api/webhooks/{id}/disable", null, 403, 200, 403, 404),
        new("POST /webhooks/api/webhooks/{id}/rotate-secret", null, 403, 200, 403, 404),
        new("POST /webhooks/api/webhooks/{id}/revoke-secrets", null, 403, 200, 403, 404),
        new("GET /webhooks/api/webhooks/{id}/secrets", null, 200, 200, 403, 404),
        new("POST /webhooks/api/webhooks/{id}/reveal-secrets", null, 403, 403, 200, 403),
        new("POST /webhooks/api/webhooks/{id}/test", null, 403, 202, 403, 404),
        new("GET /webhooks/api/triggers", null, 200, 200, 403, 200),
        new("GET /webhooks/api/triggers/{name}", null, 200, 200, 403, 200),
        new("GET /webhooks/api/events", null, 200, 200, 403, 200),
        new("POST /webhooks/api/events", """{"trigger":"order.paid","payload":{}}""", 403, 202, 403, 202),
        new("GET /webhooks/api/events/{id}", null, 200, 200, 403, 404),
        new("POST /webhooks/api/events/{id}/send", null, 403, 200, 403, 404),
        new("GET /webhooks/api/deliveries", null, 200, 200, 403, 200),
        new("GET /webhooks/api/deliveries/{id}", null, 200, 200, 403, 404),
        new("GET /webhooks/api/deliveries/{id}/attempts", null, 200, 200, 403, 404),
        new("POST /webhooks/api/deliveries/{id}/retry", null, 403, 202, 403, 404),
        new("POST /webhooks/api/deliveries/retry", """{"ids":[{delivery}]}""", 403, 200, 403, 200),
        new("POST /webhooks/api/deliveries/{id}/cancel", null, 403, 200, 403, 404),
        new("POST /webhooks/api/deliveries/cancel", """{"ids":[{delivery}]}""", 403, 200, 403, 200),
        new("POST /webhooks/api/operations/preview", """{"filter":{"trigger":"order.paid"}}""", 403, 200, 403, 200),
        new("POST /webhooks/api/operations", """{"kind":"retry","filter":{"trigger":"order.paid"}}""", 403, 202, 403, 202),
        new("GET /webhooks/api/operations", null, 200, 200, 403, 200),
        new("GET /webhooks/api/operations/{id}", null, 200, 200, 403, 404),
        new("POST /webhooks/api/operations/{id}/cancel", null, 403, 200, 403, 404),
        new("GET /webhooks/api/overview", null, 200, 200, 403, 200),
        new("* /webhooks/api/{**path}", null, 404, 404, 403, 404),

        // The DocSpace-shaped API, for managers alone. It is about the tenant that its host names, which is not the other manager's.
        new("GET /api/2.0/settings/webhook", null, 403, 200, 403, 403),
        new("POST /api/2.0/settings/webhook", """{"name":"New","uri":"https://example.com/","secretKey":"Secret123!","enabled":true,"triggers":1}""", 403, 200, 403, 403),
        new("PUT /api/2.0/settings/webhook", """{"id":{webhook},"name":"New","uri":"https://example.com/","triggers":1}""", 403, 200, 403, 403),
        new("PUT /api/2.0/settings/webhook/enable", """{"id":{webhook},"enabled":true}""", 403, 200, 403, 403),
        new("DELETE /api/2.0/settings/webhook/{id:long}", null, 403, 200, 403, 403),
        new("GET /api/2.0/settings/webhook/triggers", null, 403, 200, 403, 403),
        new("GET /api/2.0/settings/webhooks/log", null, 403, 200, 403, 403),
        new("PUT /api/2.0/settings/webhook/{id:long}/retry", null, 403, 200, 403, 403),
        new("PUT /api/2.0/settings/webhook/retry", """{"ids":[{delivery}]}""", 403, 200, 403, 403),

        // The Baanx-shaped API, for managers alone, about the caller's tenant.
        new("GET /v1/webhooks", null, 403, 200, 403, 200),
        new("POST /v1/webhooks", """{"name":"New","url":"https://example.com/","event_types":["order.paid"]}""", 403, 201, 403, 201),
        new("GET /v1/webhooks/{id}", null, 403, 200, 403, 404),
        new("PUT /v1/webhooks/{id}", """{"name":"Changed"}""", 403, 200, 403, 404),
        new("DELETE /v1/webhooks/{id}", null, 403, 200, 403, 404),
        new("POST /v1/webhooks/{id}/rotate-key", null, 403, 200, 403, 404),
        new("GET /v1/webhooks/{id}/logs", null, 403, 200, 403, 404),
        new("GET /v1/webhooks/events", null, 403, 200, 403, 200),
        new("GET /v1/webhooks/events/{eventId}/status", null, 403, 200, 403, 404),
        new("GET /v1/webhooks/events/{eventId}/logs", null, 403, 200, 403, 404),
        new("POST /v1/webhooks/events/{eventId}/retry", null, 403, 200, 403, 404),
        new("* /v1/webhooks/{**path}", null, 403, 404, 403, 404),

        // The Bird-shaped API, for managers alone. It is about the tenant that its path names, which is not the other manager's.
        new("POST /bird/workspaces/{workspaceId}/webhook-subscriptions", """{"service":"channels","event":"order.paid","url":"https://example.com/"}""", 403, 201, 403, 403),
        new("GET /bird/workspaces/{workspaceId}/webhook-subscriptions", null, 403, 200, 403, 403),
        new("GET /bird/workspaces/{workspaceId}/webhook-subscriptions/{id}", null, 403, 200, 403, 403),
        new("PATCH /bird/workspaces/{workspaceId}/webhook-subscriptions/{id}", """{"status":"inactive"}""", 403, 200, 403, 403),
        new("DELETE /bird/workspaces/{workspaceId}/webhook-subscriptions/{id}", null, 403, 204, 403, 403),
        new("GET /bird/workspaces/{workspaceId}/webhook-subscriptions/{id}/logs", null, 403, 200, 403, 403),
        new("GET /bird/workspaces/{workspaceId}/webhook-subscriptions/{id}/logs/details", null, 403, 400, 403, 403),
        new("* /bird/workspaces/{workspaceId}/webhook-subscriptions/{**path}", null, 403, 404, 403, 403),
        new("POST /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions", """{"service":"channels","event":"order.paid","url":"https://example.com/"}""", 403, 201, 403, 403),
        new("GET /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions", null, 403, 200, 403, 403),
        new("GET /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{id}", null, 403, 200, 403, 403),
        new("PATCH /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{id}", """{"status":"inactive"}""", 403, 200, 403, 403),
        new("DELETE /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{id}", null, 403, 204, 403, 403),
        new("GET /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{id}/logs", null, 403, 200, 403, 403),
        new("GET /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{id}/logs/details", null, 403, 400, 403, 403),
        new("* /bird/organizations/{organizationId}/workspaces/{workspaceId}/webhook-subscriptions/{**path}", null, 403, 404, 403, 403),
    ];

    public static TheoryData<string> Expected => [.. Table.Select(row => row.Route)];

    [Fact]
    public void Every_route_that_is_mapped_has_its_row()
    {
        Assert.Equal(
            Table.Select(row => row.Route).Order(StringComparer.Ordinal),
            Routes.Registered(shared.Host.Services.GetRequiredService<EndpointDataSource>()).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Expected))]
    public async Task Every_caller_gets_what_the_row_says(string route)
    {
        var row = Table.Single(row => row.Route == route);
        var host = shared.Host;
        var ids = await CreateAsync(host);

        // Who may change something comes last, for it may be gone then.
        (string? Caller, int Status)[] callers =
        [
            (null, 401), ("@acme", 403), ("somebody@acme", 403), ("reader@acme", row.Reader), ("revealer@acme", row.Revealer), ("manager@other", row.Other),
            ("manager@acme", row.Manager),
        ];
        foreach (var (caller, status) in callers)
        {
            var response = await SendAsync(host, row, ids, caller);
            var body = await response.Content.ReadAsStringAsync();

            Assert.True(status == (int)response.StatusCode, $"{route} to {caller ?? "nobody"}: {status} expected, {(int)response.StatusCode} came: {body}");
            if (caller != "manager@acme" && status is < 200 or > 299 || caller == "manager@other")
            {
                Assert.DoesNotContain("Orders of acme", body, StringComparison.Ordinal);
                Assert.DoesNotContain(ids.Uid.ToString(), body, StringComparison.Ordinal);
                Assert.DoesNotContain(ids.Event.ToString(), body, StringComparison.Ordinal);
                Assert.DoesNotContain(ids.Operation.ToString(), body, StringComparison.Ordinal);
                Assert.DoesNotContain("\"result\":\"queued\"", body, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Another_tenants_id_is_answered_as_no_id_to_the_letter()
    {
        var host = shared.Host;
        var ids = await CreateAsync(host);
        var none = new Resources(ids.Tenant, 987654321, Guid.NewGuid(), Guid.NewGuid(), 987654321, Guid.NewGuid());

        var asked = Table.Where(row => row.Other == 404).Select(row => (Row: row, Caller: "manager@other"))
            .Append((Table.Single(row => row.Route.EndsWith("/reveal-secrets", StringComparison.Ordinal)), "revealer@other"));
        foreach (var (row, caller) in asked)
        {
            var foreign = await SendAsync(host, row, ids, caller);
            var absent = await SendAsync(host, row, none, caller);

            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);

            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
            Assert.Equal(await absent.Content.ReadAsStringAsync(), await foreign.Content.ReadAsStringAsync());
            Assert.Equal(Headers(absent), Headers(foreign));
        }
    }

    [Fact]
    public async Task Nothing_that_is_mapped_without_authorization_answers_anybody_in_production()
    {
        await using var host = await AdminHost.StartAsync(
            builder =>
            {
                MappedApis.AddTriggers(builder);
                TestCaller.Add(builder);
            },
            MappedApis.MapWithoutAuthorization);
        var ids = await CreateAsync(host);
        var registered = Routes.Registered(host.Services.GetRequiredService<EndpointDataSource>());

        Assert.Equal(Table.Select(row => row.Route).Order(StringComparer.Ordinal), registered.Order(StringComparer.Ordinal));
        foreach (var row in Table)
        {
            foreach (var caller in new[] { null, "reader@acme", "manager@acme", "revealer@acme" })
            {
                Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, row, ids, caller)).StatusCode);
            }
        }

        Assert.NotNull(await host.Services.GetRequiredService<IWebhookRegistry>().FindAsync(ids.Webhook));
    }

    private static Task<AdminHost> StartAsync() => AdminHost.StartAsync(
        builder =>
        {
            MappedApis.AddTriggers(builder);
            TestCaller.Add(builder);
        },
        app => MappedApis.Map(app, static admin => admin.RequireAuthorization(), static vendorShaped => vendorShaped.RequireAuthorization("Manage")));

    /// <summary>A webhook, an event and a delivery of a tenant that has nothing else.</summary>
    private static async Task<Resources> CreateAsync(AdminHost host)
    {
        var tenant = $"acme{Interlocked.Increment(ref s_tenants)}";
        var settings = new WebhookSettings { Tenant = tenant, Name = "Orders of acme", Url = "https://example.com/in", Triggers = ["*"] };
        var webhook = (await host.Services.GetRequiredService<IWebhookRegistry>().CreateAsync(settings)).Webhook;
        var published = await host.Services.GetRequiredService<IWebhookPublisher>()
            .PublishAsync("order.paid", new { Total = 12 }, new PublishOptions { Tenant = tenant });
        var delivery = (await host.Services.GetRequiredService<IWebhookDeliveries>().ListAsync(new WebhookDeliveryQuery { EventId = published.Id })).Items.Single();
        var operation = await host.Services.GetRequiredService<IWebhookOperations>().ForTenant(tenant)
            .StartAsync(WebhookOperationKind.Retry, new WebhookDeliveryQuery { Trigger = "order.paid" });
        return new Resources(tenant, webhook.Id, webhook.Uid, published.Id, delivery.Id, operation.Id);
    }

    private static Task<HttpResponseMessage> SendAsync(AdminHost host, Row row, Resources ids, string? caller)
    {
        var (method, pattern) = (row.Route.Split(' ')[0], row.Route.Split(' ')[1]);
        var isDelivery = pattern.Contains("/deliveries/", StringComparison.Ordinal) || pattern.EndsWith("/retry", StringComparison.Ordinal);
        var id = pattern.Contains("/events/", StringComparison.Ordinal) ? ids.Event.ToString()
            : pattern.Contains("/operations/", StringComparison.Ordinal) ? ids.Operation.ToString()
            : $"{(isDelivery ? ids.Delivery : ids.Webhook)}";
        var isOurs = pattern.StartsWith("/webhooks/", StringComparison.Ordinal) || pattern.StartsWith("/api/", StringComparison.Ordinal);
        var path = pattern.Replace("{id}", isOurs ? id : ids.Uid.ToString(), StringComparison.Ordinal)
            .Replace("{eventId}", ids.Event.ToString(), StringComparison.Ordinal)
            .Replace("{workspaceId}", ids.Tenant, StringComparison.Ordinal)
            .Replace("{organizationId}", Guid.Empty.ToString(), StringComparison.Ordinal)
            .Replace("{id:long}", id, StringComparison.Ordinal)
            .Replace("{name}", "order.paid", StringComparison.Ordinal)
            .Replace("{**path}", "nowhere/at/all", StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(method == "*" ? "PUT" : method), path) { Headers = { Host = $"{ids.Tenant}.example.com" } };
        if (row.Body is { } body)
        {
            body = body.Replace("{webhook}", $"{ids.Webhook}", StringComparison.Ordinal).Replace("{delivery}", $"{ids.Delivery}", StringComparison.Ordinal);
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (caller is not null)
        {
            request.Headers.Add(TestCaller.Header, caller.Replace("@acme", $"@{ids.Tenant}", StringComparison.Ordinal));
        }

        return host.Client.SendAsync(request);
    }

    private static string Headers(HttpResponseMessage response) => string.Join(
        '\n',
        response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key != "Date")
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}")
            .Order(StringComparer.Ordinal));

    public sealed class MappedHost : IAsyncLifetime
    {
        internal AdminHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await StartAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    private sealed record Resources(string Tenant, long Webhook, Guid Uid, Guid Event, long Delivery, Guid Operation);

    private sealed record Row(string Route, string? Body, int Reader, int Manager, int Revealer, int Other);
}
