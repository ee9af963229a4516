using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>An app that has not opened anything, and somebody on its machine who must not hear of it.</summary>
public sealed class When_a_webhook_points_inside : IAsyncDisposable
{
    private static readonly string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private readonly RawReceiver _inside = new(Answer);
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _inside.DisposeAsync();

    [Fact]
    public async Task Nothing_is_sent_the_delivery_goes_by_schedule_and_the_webhook_stays_enabled()
    {
        await using var app = await StartAsync();
        var webhook = await app.RegisterAsync(Named("receiver.example.com"));

        var delivery = await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Exhausted);

        Assert.Equal(4, delivery.Attempts);
        Assert.Equal((WebhookAttemptOutcome.BlockedAddress, null), (delivery.LastAttempt!.Outcome, delivery.LastAttempt.StatusCode));
        Assert.DoesNotContain("127.0", delivery.LastAttempt.Error, StringComparison.Ordinal);
        Assert.True((await app.Registry.FindAsync(webhook.Id, Cancellation))!.Enabled);
        Assert.Equal(0, _inside.Connections);
    }

    [Fact]
    public async Task Tests_retries_and_operations_are_blocked_like_everything_else()
    {
        await using var app = await StartAsync();
        var webhook = await app.RegisterAsync(Named("receiver.example.com"));
        var events = app.Services.GetRequiredService<IWebhookEvents>();

        var published = await app.PublishAsync();
        var delivery = await app.UntilAsync(published, WebhookDeliveryStatus.Exhausted);
        var test = await events.SendTestAsync(webhook.Id, cancellationToken: Cancellation);
        await UntilAttemptsAsync(app, test!.DeliveryId, 4);
        await app.Deliveries.RetryAsync(delivery.Id, Cancellation);
        await UntilAttemptsAsync(app, delivery.Id, delivery.Attempts + 1);
        await app.Services.GetRequiredService<IWebhookOperations>()
            .StartAsync(WebhookOperationKind.Retry, new WebhookDeliveryQuery { WebhookId = webhook.Id }, cancellationToken: Cancellation);
        await UntilAttemptsAsync(app, delivery.Id, delivery.Attempts + 2);

        foreach (var id in new[] { delivery.Id, test.DeliveryId })
        {
            Assert.All(await app.Deliveries.AttemptsAsync(id, Cancellation), attempt => Assert.Equal(WebhookAttemptOutcome.BlockedAddress, attempt.Outcome));
        }

        Assert.Equal(0, _inside.Connections);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}/")]
    [InlineData("http://receiver.example.com:{port}/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("//127.0.0.1:{port}/")]
    public async Task A_redirect_to_it_is_not_followed(string location)
    {
        var to = location.Replace("{port}", $"{Port}", StringComparison.Ordinal);
        foreach (var status in new[] { 301, 302, 303, 307, 308 })
        {
            await using var outside = new RawReceiver($"HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await using var app = await StartAsync(options =>
            {
                options.Retry.Delays = [];
                options.Egress.AllowLoopback = true;
            });
            await app.RegisterAsync(outside.Url);

            var delivery = await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Exhausted);

            Assert.Equal((WebhookAttemptOutcome.Redirect, status), (delivery.LastAttempt!.Outcome, delivery.LastAttempt.StatusCode));
            Assert.Equal((1, 0), (outside.Connections, _inside.Connections));
        }
    }

    [Fact]
    public async Task What_is_no_longer_allowed_is_blocked_from_the_next_connection_on()
    {
        Change("true");
        await using var app = await StartAsync(options => options.Retry.Delays = []);
        await app.RegisterAsync(_inside.Url);
        await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);

        Change("false");

        var delivery = await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Exhausted);
        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, delivery.LastAttempt!.Outcome);
        Assert.Equal(1, _inside.Connections);
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => app.RegisterAsync(_inside.Url));
        Assert.Equal("forbidden_address", Assert.Single(refused.Errors).Code);
    }

    [Fact]
    public async Task Proxies_that_the_environment_names_are_not_asked()
    {
        await using var proxy = new RawReceiver("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var directory = new TemporaryFolder();
        var names = new[] { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" };
        await using var quickStart = await ChildProcess.StartAsync(
            "samples/QuickStart",
            Path.GetTempPath(),
            ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:Webhooks", $"Data Source={directory.File("proxied.db")}"],
            names.SelectMany(name => new[] { name, name.ToLowerInvariant() }).Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => proxy.Url));

        await Until.TrueAsync(() => quickStart.HasExited || quickStart.Output.Contains("Where to look next", StringComparison.Ordinal), () => quickStart.Output);

        Assert.Contains("is in the log: Delivered", quickStart.Output, StringComparison.Ordinal);
        Assert.Equal(0, proxy.Connections);
    }

    private int Port => new Uri(_inside.Url).Port;

    private string Named(string name) => $"http://{name}:{Port}/";

    private Task<WebhooksApp> StartAsync(Action<WebhooksOptions>? configure = null) => WebhooksApp.StartAsync(
        options =>
        {
            options.Egress.AllowHttp = true;
            options.Egress.AllowLoopback = _configuration.GetValue<bool>("Egress:AllowLoopback");
            configure?.Invoke(options);
        },
        services =>
        {
            services.AddWebhooks(_configuration);
            services.Replace(ServiceDescriptor.Singleton<IHostResolver, EverythingIsInside>());
        });

    private static Task UntilAttemptsAsync(WebhooksApp app, long delivery, int attempts) => Until.TrueAsync(
        async () => (await app.Deliveries.FindAsync(delivery, Cancellation)) is { } found && found.Attempts >= attempts && found.FinishedAt is not null);

    private void Change(string allowLoopback)
    {
        _configuration["Egress:AllowLoopback"] = allowLoopback;
        _configuration.Reload();
    }

    private sealed class EverythingIsInside : IHostResolver
    {
        public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) =>
            Task.FromResult<IPAddress[]>(Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback]);
    }
}
