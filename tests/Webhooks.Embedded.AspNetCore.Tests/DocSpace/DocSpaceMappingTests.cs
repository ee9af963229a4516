using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

public sealed class DocSpaceMappingTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"docspace-{Guid.NewGuid():N}.db");

    [Fact]
    public async Task Without_AddWebhooks_the_missing_call_is_named()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var e = Assert.Throws<InvalidOperationException>(() => app.MapDocSpaceWebhooks("/api"));
        Assert.Contains("AddWebhooks()", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_without_a_number_stops_the_start()
    {
        await using var app = Build(webhooks => webhooks.AddTrigger("order.created", number: 0).AddTrigger("order.paid"));
        var e = Assert.Throws<InvalidOperationException>(() => app.MapDocSpaceWebhooks("/api"));
        Assert.Contains("AddTrigger(\"order.paid\", number: 1)", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(301)]
    public async Task A_wait_out_of_its_range_stops_the_start(int seconds)
    {
        await using var app = Build();
        Assert.Throws<ArgumentOutOfRangeException>(() => app.MapDocSpaceWebhooks("/api", options => options.RetryWait = TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public async Task It_is_closed_until_the_app_says_who_may_use_it()
    {
        await using var app = Build();
        using var response = await GetAsync(app, group => group, "/api/webhook/triggers");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task It_can_be_opened_for_everyone_and_mapped_anywhere()
    {
        await using var app = Build();
        using var response = await GetAsync(app, group => group.AllowAnonymous(), "/api/webhook/triggers");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Tenants_come_from_the_app_and_see_only_their_own()
    {
        await using var app = Build(webhooks => webhooks.AddTrigger("order.created", number: 0).UseTenants(http => http.Request.Host.Host));
        app.MapDocSpaceWebhooks("/api").AllowAnonymous();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = app.GetTestClient();

        using var created = await client.PostAsync(
            "http://acme/api/webhook",
            new StringContent("""{"name":"a","uri":"https://example.com/","secretKey":"secret-1"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, created.StatusCode);
        Assert.Contains("\"count\":1", await client.GetStringAsync("http://acme/api/webhook", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"count\":0", await client.GetStringAsync("http://other/api/webhook", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_file)!, Path.GetFileName(_file) + "*"))
        {
            File.Delete(file);
        }
    }

    private WebApplication Build(Action<IWebhooksBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        var webhooks = builder.Services.AddWebhooks().UseSqlite($"Data Source={_file}");
        (configure ?? (triggers => triggers.AddTrigger("order.created", number: 0)))(webhooks);
        return builder.Build();
    }

    private static async Task<HttpResponseMessage> GetAsync(WebApplication app, Func<RouteGroupBuilder, IEndpointConventionBuilder> open, string path)
    {
        open(app.MapDocSpaceWebhooks("/api"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return await app.GetTestClient().GetAsync(path, TestContext.Current.CancellationToken);
    }
}
