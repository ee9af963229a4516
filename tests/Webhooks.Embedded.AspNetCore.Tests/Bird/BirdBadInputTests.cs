using Microsoft.AspNetCore.Builder;
using Webhooks.Embedded.AspNetCore.Tests.Vendors;

namespace Webhooks.Embedded.AspNetCore.Tests.Bird;

/// <summary>Each is refused by its name, and nothing is stored.</summary>
public sealed class BirdBadInputTests : IAsyncLifetime
{
    private VendorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await VendorHost.StartAsync(app => app.MapBirdWebhooks().RequireAuthorization());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    public static TheoryData<string, string> Bodies => new()
    {
        { "{}", "service:" },
        { """{"event":"order.paid","url":"https://example.com/"}""", "service:" },
        { """{"service":"letters","event":"order.paid","url":"https://example.com/"}""", "service:" },
        { """{"service":7,"event":"order.paid","url":"https://example.com/","extra":1}""", "service:" },
        { """{"service":"channels","url":"https://example.com/"}""", "event:" },
        { """{"service":"channels","event":"no.such","url":"https://example.com/"}""", "event:" },
        { """{"service":"channels","event":"","url":"https://example.com/"}""", "event:" },
        { """{"service":"channels","event":["order.paid"],"url":"https://example.com/"}""", "event:" },
        { """{"service":"channels","event":"order.paid"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":null}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"http://example.com/"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com:8443/"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://127.0.0.1/"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://localhost/"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com?x=1"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://user:pw@example.com/"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/\n"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/a b"}""", "url:" },
        { $$"""{"service":"channels","event":"order.paid","url":"https://example.com/{{new string('a', 2048)}}"}""", "url:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","eventFilters":{}}""", "eventFilters:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","eventFilters":[null]}""", "eventFilters:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","eventFilters":[{"key":"a"}]}""", "eventFilters:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","eventFilters":[{"value":"a"}]}""", "eventFilters:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","eventFilters":[{"key":"a","value":1}]}""", "eventFilters[0].value:" },
        { $$"""{"service":"channels","event":"order.paid","url":"https://example.com/","template":"{{new string('t', 256)}}"}""", "template:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","template":7}""", "template:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","signingKey":"short"}""", "signingKey:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","signingKey":null}""", "signingKey:" },
        { """{"service":"channels","event":"order.paid","url":"https://example.com/","status":"on"}""", "status:" },
        { """{"service":"channels","service":"numbers","event":"order.paid","url":"https://example.com/"}""", "service:" },
        { "[]", "body:" },
        { "{", "JSON" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_by_name(string json, string named)
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, VendorHost.Bird, json);
        Assert.Equal((400, "BadRequest"), (status, body["code"]!.GetValue<string>()));
        Assert.Contains(named, body["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty((await _host.Registry.ListAsync(new WebhookQuery())).Items);
    }

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("https://sub-1.example.co/path?query=%2F&x=1")]
    [InlineData("https://xn--bcher-kva.example/")]
    public async Task An_url_as_Bird_takes_it_is_taken(string url) =>
        await _host.OkAsync(HttpMethod.Post, VendorHost.Bird, $$"""{"service":"channels","event":"order.paid","url":"{{url}}"}""");

    [Theory]
    [InlineData("1")]
    [InlineData("0edf722b-93b4-4451-8a5d")]
    [InlineData("0edf722b-93b4-4451-8a5d-4fafba5cdf8b")]
    public async Task A_subscription_that_is_none_is_not_found(string id)
    {
        foreach (var (method, path, json) in VendorRoutes.Bird.Where(route => route.Path.Contains("550e", StringComparison.Ordinal)))
        {
            var (status, body) = await _host.SendAsync(
                method, path.Replace("/550e8400-e29b-41d4-a716-446655440000", $"/{id}", StringComparison.Ordinal), json);
            Assert.Equal(
                (404, "NotFound", "Webhook subscription not found"), (status, body["code"]!.GetValue<string>(), body["message"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("logs?limit=0", "limit")]
    [InlineData("logs?limit=101", "limit")]
    [InlineData("logs?limit=", "limit")]
    [InlineData("logs?limit=ten", "limit")]
    [InlineData("logs?limit=1&limit=2", "limit")]
    [InlineData("logs?pageToken=", "pageToken")]
    [InlineData("logs?pageToken=%25%25%25", "pageToken")]
    [InlineData("logs?executionStatus=", "executionStatus")]
    [InlineData("logs?executionStatus=Failed", "executionStatus")]
    [InlineData("logs/details", "requestId")]
    [InlineData("logs/details?requestId=", "requestId")]
    [InlineData("logs/details?requestId=nothing", "requestId")]
    public async Task A_bad_parameter_is_refused_by_name(string path, string named)
    {
        var webhook = await _host.CreateAsync("logs");
        var (status, body) = await _host.SendAsync(HttpMethod.Get, $"{VendorHost.Bird}/{webhook.Uid}/{path}");
        Assert.Equal((400, "BadRequest"), (status, body["code"]!.GetValue<string>()));
        Assert.StartsWith($"{named}:", body["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("823fbfaf-f14e-4693-b55a-8ec1c17d649e")]
    [InlineData("mine")]
    public async Task Another_organization_is_not_found(string organization)
    {
        foreach (var (method, path, json) in VendorRoutes.Bird.Where(route => route.Path.StartsWith("/organizations", StringComparison.Ordinal)))
        {
            var (status, body) = await _host.SendAsync(
                method, path.Replace("00000000-0000-0000-0000-000000000000", organization, StringComparison.Ordinal), json);
            Assert.Equal((404, "Organization not found"), (status, body["message"]!.GetValue<string>()));
        }

        Assert.Empty((await _host.Registry.ListAsync(new WebhookQuery())).Items);
    }

    [Fact]
    public async Task Options_must_make_sense()
    {
        await using var host = await VendorHost.StartAsync(app =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => app.MapBirdWebhooks(configure: options => options.MaxPerFilter = 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => app.MapBirdWebhooks(configure: options => options.MaxPerFilter = 1001));
            Assert.Throws<ArgumentOutOfRangeException>(() => app.MapBirdWebhooks(configure: options => options.Services = []));
        });
        await using var without = WebApplication.Create();
        Assert.Contains(
            "AddWebhooks()", Assert.Throws<InvalidOperationException>(() => without.MapBirdWebhooks()).Message, StringComparison.Ordinal);
    }
}
