using System.Net.Sockets;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Egress;

/// <summary>What the guard lets through, seen from the other end: by who is connected to, and above all by who is not.</summary>
public sealed class GuardedConnectTests
{
    private const string Name = "receiver.example.com";

    [Theory, MemberData(nameof(EgressRulesTests.Forbidden), MemberType = typeof(EgressRulesTests))]
    public async Task No_spelling_reaches_who_listens_on_the_machine(string number, string url)
    {
        using var listener = Listener.Everywhere();
        using var client = new GuardedClient(egress => egress.AllowHttp = true);

        var (outcome, error) = await client.SendAsync(WithPort(url, listener.Port));

        Assert.True(outcome == WebhookAttemptOutcome.BlockedAddress, $"{number} {url}: {outcome}, {error}");
        Assert.False(listener.WasKnockedAt, number);
        Assert.Equal(0, client.Resolver.Calls);
    }

    [Theory]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.1")]
    [InlineData("http://2130706433")]
    [InlineData("http://127.8.8.8")]
    [InlineData("http://[::1]")]
    [InlineData("http://[::ffff:127.0.0.1]")]
    public async Task Who_listens_on_the_machine_would_have_noticed(string url)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "There is no IPv6 here.");
        using var listener = Listener.Everywhere();
        using var client = new GuardedClient(egress => egress.AllowLoopback = true);

        var sending = client.SendAsync(WithPort(url, listener.Port));
        await listener.AnswerAsync();

        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
    }

    [Fact]
    public async Task No_name_leads_to_an_address_that_is_not_on_the_Internet()
    {
        using var listener = Listener.Everywhere();
        using var client = new GuardedClient(egress => egress.AllowHttp = true);
        var blocked = 0;
        foreach (var row in AddressRangesTests.Addresses.Where(row => (AddressKind)row.Data.Item2 != AddressKind.Public))
        {
            var name = $"{++blocked}.example.com";
            client.Resolver.Answer(name, row.Data.Item1);
            Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync($"http://{name}:{listener.Port}/")).Outcome);
        }

        Assert.InRange(blocked, 100, int.MaxValue);
        Assert.False(listener.WasKnockedAt);
    }

    [Theory]
    [InlineData("127.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8", "169.254.169.254")]
    [InlineData("127.0.0.1", "::ffff:169.254.169.254")]
    [InlineData("127.0.0.1", "fe80::1")]
    public async Task One_bad_answer_among_good_ones_is_enough(params string[] addresses)
    {
        using var listener = Listener.Everywhere();
        using var client = Loopback();
        client.Resolver.Answer(Name, addresses);

        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync($"http://{Name}:{listener.Port}/")).Outcome);
        Assert.False(listener.WasKnockedAt);
    }

    [Fact]
    public async Task A_name_that_changes_while_it_is_connected_to_leads_where_it_led_when_it_was_checked()
    {
        using var good = new Listener("127.0.0.2");
        using var other = new Listener("127.0.0.3", good.Port);
        using var client = Loopback();
        client.Resolver.Answer(Name, "127.0.0.2");
        client.Resolver.Answer(Name, "127.0.0.3");
        client.Resolver.Answer(Name, "169.254.169.254");

        var sending = client.SendAsync($"http://{Name}:{good.Port}/");
        Assert.Equal("127.0.0.2", await good.AnswerAsync());
        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
        Assert.Equal(1, client.Resolver.Calls);
        Assert.False(other.WasKnockedAt);

        // Each new connection is checked anew.
        sending = client.SendAsync($"http://{Name}:{good.Port}/");
        Assert.Equal("127.0.0.3", await other.AnswerAsync());
        await sending;
        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync($"http://{Name}:{good.Port}/")).Outcome);
        Assert.False(good.WasKnockedAt);
    }

    [Fact]
    public async Task Of_many_addresses_the_first_eight_are_tried()
    {
        using var ninth = new Listener("127.0.2.9");
        using var eighth = new Listener("127.0.2.8", ninth.Port);
        using var client = Loopback();
        var addresses = Enumerable.Range(1, 200).Select(i => $"127.0.2.{i}").ToArray();
        client.Resolver.Answer(Name, addresses);
        client.Resolver.Answer(Name, [.. addresses.Where(address => address != "127.0.2.8")]);
        client.Resolver.Answer(Name, [.. addresses.Select(address => address == "127.0.2.8" ? "127.0.2.250" : address)]);

        var sending = client.SendAsync($"http://{Name}:{ninth.Port}/");
        Assert.Equal("127.0.2.8", await eighth.AnswerAsync());
        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
        Assert.False(ninth.WasKnockedAt);

        sending = client.SendAsync($"http://{Name}:{ninth.Port}/");
        Assert.Equal("127.0.2.9", await ninth.AnswerAsync());
        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
        Assert.Equal(WebhookAttemptOutcome.Connect, (await client.SendAsync($"http://{Name}:{ninth.Port}/")).Outcome);
        Assert.False(ninth.WasKnockedAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Addresses_that_do_not_answer_leave_time_for_the_one_that_does(int dead)
    {
        using var good = new Listener("127.0.3.100");
        using var deaf = new Listener("127.0.3.1", good.Port);
        await deaf.BecomeDeafAsync();
        using var client = Loopback();
        client.Resolver.Answer(Name, [.. Enumerable.Range(1, dead).Select(i => i % 2 == 1 ? "127.0.3.1" : $"127.0.3.{i}"), "127.0.3.100"]);

        var sending = client.SendAsync($"http://{Name}:{good.Port}/");
        await good.AnswerAsync();

        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
    }

    [Fact]
    public async Task An_address_that_refuses_or_that_this_machine_cannot_reach_at_all_is_followed_by_the_next()
    {
        using var good = new Listener("127.0.4.4");
        using var client = Loopback(egress => egress.AllowedNetworks = ["fd12::/16"]);
        client.Resolver.Answer(Name, "fd12::1", "127.0.4.3", "127.0.4.4");

        var sending = client.SendAsync($"http://{Name}:{good.Port}/");
        await good.AnswerAsync();

        Assert.Equal(WebhookAttemptOutcome.Delivered, (await sending).Outcome);
    }

    [Fact]
    public async Task Closed_and_silent_ports_are_told_apart_where_they_may_be_reached_and_no_address_is_named()
    {
        using var closed = new Listener("127.0.5.5");
        using var deaf = new Listener("127.0.5.6", closed.Port);
        var port = closed.Port;
        closed.Dispose();
        await deaf.BecomeDeafAsync();
        using var client = Loopback();
        client.Resolver.Answer("closed.example.com", "127.0.5.5");
        client.Resolver.Answer("silent.example.com", "127.0.5.6");

        Assert.Equal((WebhookAttemptOutcome.Connect, "No connection could be made: connection refused."), await client.SendAsync($"http://closed.example.com:{port}/"));
        Assert.Equal((WebhookAttemptOutcome.TimeoutConnect, "No connection was made in time."), await client.SendAsync($"http://silent.example.com:{port}/"));
    }

    [Fact]
    public async Task What_is_blocked_does_not_tell_open_closed_and_silent_ports_apart_and_names_no_address()
    {
        using var open = new Listener("127.0.6.1");
        using var deaf = new Listener("127.0.6.2", open.Port);
        await deaf.BecomeDeafAsync();
        using var client = new GuardedClient(egress => egress.AllowHttp = true);
        client.Resolver.Answer("open.example.com", "127.0.6.1");
        client.Resolver.Answer("silent.example.com", "127.0.6.2");
        client.Resolver.Answer("closed.example.com", "127.0.6.3");

        var outcomes = new List<(WebhookAttemptOutcome Outcome, string? Error)>();
        foreach (var name in new[] { "open", "silent", "closed" })
        {
            outcomes.Add(await client.SendAsync($"http://{name}.example.com:{open.Port}/hidden/path"));
        }

        var (outcome, error) = Assert.Single(outcomes.Distinct());
        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, outcome);
        Assert.DoesNotContain("127.0", error, StringComparison.Ordinal);
        Assert.Contains($"Warning 2250 Webhooks must not go to open.example.com:{open.Port}: 127.0.6.1 is Loopback", client.Logs.All);
        Assert.DoesNotContain(client.Logs.All, line => line.Contains("hidden", StringComparison.Ordinal));
        Assert.False(open.WasKnockedAt);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_told_as_that()
    {
        using var client = new GuardedClient();
        client.Resolver.Answer("nobody.example.com", _ => throw new SocketException((int)SocketError.HostNotFound));
        client.Resolver.Answer("broken.example.com", _ => throw new SocketException((int)SocketError.TryAgain));
        client.Resolver.Answer("odd.example.com", _ => throw new ArgumentException("No such thing can be asked for."));
        client.Resolver.Answer("empty.example.com");
        client.Resolver.Answer("silent.example.com", async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        });

        foreach (var name in new[] { "nobody", "broken", "odd", "empty", "silent" })
        {
            Assert.Equal(WebhookAttemptOutcome.Dns, (await client.SendAsync($"https://{name}.example.com/")).Outcome);
        }
    }

    [Fact]
    public async Task Localhost_leads_to_this_machine_or_nowhere()
    {
        using var client = new GuardedClient(egress => (egress.AllowLoopback, egress.AllowedNetworks) = (true, ["10.0.0.0/8"]));
        client.Resolver.Answer("acme.localhost", "10.0.0.1");

        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync("http://acme.localhost/")).Outcome);
    }

    [Fact]
    public async Task An_allowed_network_is_connected_to_and_its_neighbour_is_not()
    {
        using var client = new GuardedClient(egress => (egress.AllowHttp, egress.AllowedNetworks) = (true, ["192.0.2.0/28"]));
        client.Resolver.Answer("inside.example.com", "192.0.2.15");
        client.Resolver.Answer("outside.example.com", "192.0.2.16");

        // Nobody is there; trying is what counts.
        Assert.NotEqual(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync("http://inside.example.com/")).Outcome);
        Assert.Equal(WebhookAttemptOutcome.BlockedAddress, (await client.SendAsync("http://outside.example.com/")).Outcome);
    }

    private static GuardedClient Loopback(Action<WebhookEgressOptions>? configure = null) => new(egress =>
    {
        egress.AllowLoopback = true;
        egress.AllowHttp = true;
        configure?.Invoke(egress);
    });

    private static string WithPort(string url, int port)
    {
        var path = url.IndexOf('/', "http://".Length);
        return path < 0 ? $"{url}:{port}/" : $"{url[..path]}:{port}{url[path..]}";
    }
}
