using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

/// <summary>What an app may do to the client, and what it may not do without hearing of it.</summary>
public sealed class GuardedHandlerFilterTests
{
    public static TheoryData<string, object> Unguarded => new()
    {
        { "its primary handler is a HttpClientHandler", Client(client => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler())) },
        { "its ConnectCallback was replaced", Client(client => client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler())) },
        { "its ConnectCallback was replaced", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = null)) },
        { "its ConnectCallback was replaced", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = (_, _) => default)) },
        { "it uses a proxy", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.UseProxy = true)) },
        { "its PlaintextStreamFilter was replaced", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.PlaintextStreamFilter = null)) },
        { "its PlaintextStreamFilter was replaced", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.PlaintextStreamFilter = (context, _) => new(context.PlaintextStream))) },
        { "it follows redirects", Client(client => client.UseSocketsHttpHandler((handler, _) => handler.AllowAutoRedirect = true)) },
    };

    [Theory, MemberData(nameof(Unguarded))]
    public async Task An_app_that_takes_the_guard_away_does_not_start(string reason, object configure)
    {
        using var client = new GuardedClient(add: webhooks => webhooks.ConfigureHttpClient((Action<IHttpClientBuilder>)configure));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(client));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ConfigureHttpClient", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_may_configure_and_add_to_it()
    {
        using var listener = Listener.Everywhere();
        using var client = new GuardedClient(add: webhooks => webhooks.ConfigureHttpClient(http => http
            .UseSocketsHttpHandler((handler, _) => handler.MaxConnectionsPerServer = 3)
            .AddHttpMessageHandler(() => new Elsewhere(listener.Port))));

        await StartAsync(client);

        // Wherever a handler of the app's sends a request, the guard is behind it.
        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync("https://example.com/")).Outcome);
        Assert.False(listener.WasKnockedAt);
    }

    [Fact]
    public void What_the_host_sets_on_the_handlers_of_all_its_clients_is_not_for_webhooks()
    {
        // Credentials would go to whoever asks for them, and a callback for development would take TLS away, without a trace.
        using var client = new GuardedClient(add: webhooks => webhooks.Services.ConfigureHttpClientDefaults(every => every.UseSocketsHttpHandler((handler, _) =>
        {
            handler.Credentials = new NetworkCredential("app", "s3cret");
            handler.PreAuthenticate = true;
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        })));

        foreach (var name in WebhookHttpClient.Names)
        {
            HttpMessageHandler? handler = client.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name);
            while (handler is DelegatingHandler outer)
            {
                handler = outer.InnerHandler;
            }

            var sockets = Assert.IsType<SocketsHttpHandler>(handler);
            Assert.Equal((null, false), (sockets.Credentials, sockets.PreAuthenticate));
            Assert.Equal(!name.Contains("Unverified", StringComparison.Ordinal), sockets.SslOptions.RemoteCertificateValidationCallback is null);
        }
    }

    [Fact]
    public void Other_clients_of_the_app_are_its_own()
    {
        using var client = new GuardedClient(add: webhooks =>
            webhooks.Services.AddHttpClient("other").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()));

        Assert.NotNull(client.Services.GetRequiredService<IHttpClientFactory>().CreateClient("other"));
    }

    [Theory]
    [InlineData("3.0", HttpVersionPolicy.RequestVersionExact)]
    [InlineData("3.0", HttpVersionPolicy.RequestVersionOrLower)]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrHigher)]
    public async Task HTTP_3_which_does_not_ask_the_guard_is_refused(string version, HttpVersionPolicy policy)
    {
        using var client = new GuardedClient();
        using var invoker = new HttpMessageInvoker(client.Handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://example.com/") { Version = Version.Parse(version), VersionPolicy = policy };

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => invoker.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Contains("HTTP/3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_opens_the_machine_or_its_cloud_is_logged_at_the_start()
    {
        using var closed = new GuardedClient();
        await StartAsync(closed);
        Assert.DoesNotContain(closed.Logs.All, line => line.Contains("Egress:", StringComparison.Ordinal));

        using var open = new GuardedClient(egress => (egress.AllowLoopback, egress.AllowMetadata) = (true, true));
        await StartAsync(open);
        Assert.Contains(open.Logs.All, line => line.StartsWith("Warning 2252", StringComparison.Ordinal));
        Assert.Contains(open.Logs.All, line => line.StartsWith("Warning 2253", StringComparison.Ordinal));
    }

    // The store, which there is none of here, comes after it.
    private static Task StartAsync(GuardedClient client) =>
        ActivatorUtilities.CreateInstance<Webhooks.Embedded.DependencyInjection.EgressStarter>(client.Services).StartAsync(TestContext.Current.CancellationToken);

    private static Action<IHttpClientBuilder> Client(Action<IHttpClientBuilder> configure) => configure;

    private sealed class Elsewhere(int port) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri($"http://127.0.0.1:{port}/");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
