using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.AspNetCore.Authentication;

namespace Webhooks.Embedded.AspNetCore.Tests.Authentication;

public sealed class WebhookApiKeyHandlerTests
{
    [Theory]
    [InlineData("Bearer old-key")]
    [InlineData("Bearer new-key")]
    [InlineData("AccessKey new-key")]
    public async Task A_configured_key_is_let_in_and_has_a_name(string authorization)
    {
        await using var app = await StartAsync("old-key", "new-key");
        Assert.Equal("api-key", await (await GetAsync(app, authorization)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer other-key")]
    [InlineData("Basic ZGVtbw==")]
    public async Task Others_get_an_empty_401_that_names_the_schemes(string? authorization)
    {
        await using var app = await StartAsync("new-key");
        var response = await GetAsync(app, authorization);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["Bearer", "AccessKey"], response.Headers.WwwAuthenticate.Select(value => value.Scheme));
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("good-key", " ")]
    [InlineData("with space")]
    public async Task An_app_without_a_usable_key_does_not_start(params string[] keys)
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(keys));
        Assert.Contains("WebhookApiKey", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scheme_can_have_another_name()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddAuthentication("Mine").AddWebhookApiKey("Mine", options => options.Keys = ["new-key"]);
        builder.Services.AddAuthorization();
        await using var app = builder.Build();
        app.MapGet("/", (HttpContext http) => http.User.Identity?.AuthenticationType).RequireAuthorization();
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("Mine", await (await GetAsync(app, "Bearer new-key")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<WebApplication> StartAsync(params string[] keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddAuthentication(WebhookApiKeyDefaults.AuthenticationScheme).AddWebhookApiKey(options =>
        {
            foreach (var key in keys)
            {
                options.Keys.Add(key);
            }
        });
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.MapGet("/", (HttpContext http) => http.User.Identity?.Name).RequireAuthorization();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static Task<HttpResponseMessage> GetAsync(WebApplication app, string? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return app.GetTestClient().SendAsync(request, TestContext.Current.CancellationToken);
    }
}
