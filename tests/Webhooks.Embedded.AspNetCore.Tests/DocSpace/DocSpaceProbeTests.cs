using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.AspNetCore.Tests.DocSpace;

/// <summary>Asking a receiver whether it is there, where the app wants it as DocSpace does it.</summary>
public sealed class DocSpaceProbeTests(DocSpaceProbeTests.ProbingHost shared) : IClassFixture<DocSpaceProbeTests.ProbingHost>
{
    private readonly DocSpaceHost _host = shared.Host;

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(302, false)]
    [InlineData(308, false)]
    [InlineData(404, false)]
    [InlineData(405, false)]
    [InlineData(500, false)]
    public async Task A_webhook_is_created_if_its_receiver_answers_HEAD_with_2xx(int status, bool isCreated)
    {
        var name = $"probed-{status}";
        _host.Receiver.Answer(name, status);

        var (answered, body) = await _host.SendAsync(HttpMethod.Post, "webhook", _host.Config(name));

        Assert.Equal(isCreated ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answered);
        Assert.Equal((1, 0), (_host.Receiver.Probed(name), _host.Receiver.Probed("there")));
        Assert.Equal(isCreated, (await _host.Registry.ListAsync(new WebhookQuery { Limit = 100 }, TestContext.Current.CancellationToken)).Items.Any(webhook => webhook.Name == name));
        Assert.Equal(!isCreated, body.ToString().Contains("Webhook URL is not available. HEAD request is not response 200 http status.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_at_the_other_end_is_no_fault_of_the_app()
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, "webhook", _host.Config("nobody") with { uri = "http://localhost:1/" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("not available", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_url_is_refused_as_without_it()
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, "webhook", _host.Config("no-url") with { uri = "ftp://example.com/" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.DoesNotContain("not available", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enabling_asks_again_and_disabling_does_not()
    {
        _host.Receiver.Answer("switched", 200);
        var id = await _host.CreateAsync("switched");
        await _host.OkAsync(HttpMethod.Put, "webhook/enable", _host.Config("switched") with { id = id, enabled = false });
        Assert.Equal(1, _host.Receiver.Probed("switched"));

        _host.Receiver.Answer("switched", 503);
        var (status, _) = await _host.SendAsync(HttpMethod.Put, "webhook/enable", _host.Config("switched") with { id = id, enabled = true });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.False((await _host.Registry.FindAsync(id, TestContext.Current.CancellationToken))!.Enabled);

        _host.Receiver.Answer("switched", 200);
        await _host.OkAsync(HttpMethod.Put, "webhook/enable", _host.Config("switched") with { id = id, enabled = true });
        Assert.True((await _host.Registry.FindAsync(id, TestContext.Current.CancellationToken))!.Enabled);
        Assert.Equal(3, _host.Receiver.Probed("switched"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("0x7f.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task It_reaches_nothing_that_deliveries_may_not_reach(string name)
    {
        await using var host = new DocSpaceHost { ProbeOnCreate = true, AllowLoopback = false };
        await host.InitializeAsync();
        using var inside = new TcpListener(IPAddress.Loopback, 0);
        inside.Start();

        var (status, body) = await host.SendAsync(
            HttpMethod.Post, "webhook", host.Config("inside") with { uri = $"http://{name}:{((IPEndPoint)inside.LocalEndpoint).Port}/" });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.DoesNotContain("127.0.0.1 is", body.ToString(), StringComparison.Ordinal);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task Unless_the_app_wants_it_nobody_is_asked()
    {
        await using var host = new DocSpaceHost();
        await host.InitializeAsync();

        await host.CreateAsync("unasked");

        Assert.Equal(0, host.Receiver.Probed("unasked"));
    }

    public sealed class ProbingHost : IAsyncLifetime
    {
        public DocSpaceHost Host { get; } = new() { ProbeOnCreate = true };

        public ValueTask InitializeAsync() => Host.InitializeAsync();

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
