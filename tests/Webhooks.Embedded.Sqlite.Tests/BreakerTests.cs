using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>What dispatchers do with a receiver that fails, comes back, asks for time, or is gone.</summary>
public sealed class BreakerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waiting_for_an_open_breaker_uses_up_no_attempt_and_no_claim_of_it_comes_before_the_pause_is_over()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        await world.PublishAsync(5);
        var requests = world.Receiver.Requests;
        var before = await world.LogAsync();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(0, await node.RoundAsync());
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(requests, world.Receiver.Requests);
        Assert.Equivalent(before.Select(d => (d.Id, d.Attempts, d.DueAt)), (await world.LogAsync()).Select(d => (d.Id, d.Attempts, d.DueAt)));
    }

    [Fact]
    public async Task What_is_in_memory_when_it_opens_is_given_back_untouched_once()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(20);
        world.Receiver.Answer = () => (500, null);

        Assert.Equal(20, await node.RoundAsync());

        Assert.Equal((10, BreakerStatus.Open), (world.Receiver.Requests, (await world.CountersAsync()).Breaker.Status));
        Assert.Equal(0, await node.RoundAsync());
        var log = await world.LogAsync();
        Assert.Equal((10, 10), (log.Count(d => d.Attempts == 1), log.Count(d => d is { Attempts: 0, Status: WebhookDeliveryStatus.Pending })));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Assert.Single((await world.Get<SqlDialect>().ClaimAsync(
            new ClaimRequest(9, 9, 0, new Dictionary<long, int>(), world.Now, world.Now + 1000, 0), Cancellation)).Deliveries).Claims);
    }

    [Fact]
    public async Task Of_all_nodes_one_sends_the_probe()
    {
        await using var world = new BreakerNodes();
        using var first = world.NewNode();
        await OpenAsync(world, first);
        await world.PublishAsync(10);
        var nodes = Enumerable.Range(0, 4).Select(_ => world.NewNode()).ToArray();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var requests = world.Receiver.Requests;

        // All claim before any sends: each has one of its deliveries.
        await Task.WhenAll(nodes.Select(node => node.ClaimAsync()));
        Assert.Single(nodes, node => node.Buffer.TryTake(out _));
        Assert.Equal(BreakerStatus.HalfOpen, (await world.CountersAsync()).Breaker.Status);
        Assert.Equal(0, (await Task.WhenAll(nodes.Select(node => node.RoundAsync()))).Sum());

        // The node that had it is gone. Its pause ends with its lease, and another one has the turn.
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(nodes.Select(node => node.ClaimAsync()));
        world.Receiver.Answer = () => (500, null);
        Assert.Equal(1, (await Task.WhenAll(nodes.Select(node => node.WorkAsync()))).Sum());
        Assert.Equal(requests + 1, world.Receiver.Requests);
        var breaker = (await world.CountersAsync()).Breaker;
        Assert.Equal((BreakerStatus.Open, 2), (breaker.Status, breaker.Openings));
        Assert.InRange(breaker.PausedUntil!.Value - world.Now, 48_000, 72_000);
        Array.ForEach(nodes, node => node.Dispose());
    }

    [Fact]
    public async Task A_probe_that_is_not_sent_gives_the_turn_back()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await node.ClaimAsync();
        var probe = Assert.Single(node.Buffer.TakeUnsent());
        node.Buffer.Add(probe);

        // So long in memory that it may be another node's before it is over.
        world.Time.Advance(TimeSpan.FromSeconds(50));
        await node.Signal.WaitAsync(Cancellation);
        await node.WorkAsync();

        var breaker = (await world.CountersAsync()).Breaker;
        Assert.Equal((BreakerStatus.Open, world.Now, 1), (breaker.Status, breaker.PausedUntil, breaker.Openings));

        // The next one need not wait for a poll.
        Assert.True(node.Signal.WaitAsync(Cancellation).IsCompleted);
    }

    [Fact]
    public async Task A_node_that_stops_gives_the_turn_back_with_the_probe_it_has_not_sent()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await node.Dispatcher.ClaimOnceAsync(Cancellation);
        Assert.Equal(BreakerStatus.HalfOpen, (await world.CountersAsync()).Breaker.Status);

        await node.Dispatcher.StopAsync(Cancellation);

        using var other = world.NewNode();
        await other.Dispatcher.ClaimOnceAsync(Cancellation);
        Assert.Equal(1, await other.WorkAsync());
        Assert.Equal(BreakerStatus.Recovering, (await world.CountersAsync()).Breaker.Status);
    }

    [Fact]
    public async Task A_receiver_that_comes_back_after_an_hour_gets_one_then_two_then_four_at_once()
    {
        await using var world = new BreakerNodes(options => options.ConcurrencyPerWebhook = 16);
        using var node = world.NewNode();
        await OpenAsync(world, node);
        await world.PublishAsync(300);
        world.Time.Advance(TimeSpan.FromHours(1));
        world.Receiver.Answer = () => (200, null);
        var rounds = new List<int>();

        while (await node.RoundAsync() is > 0 and var sent)
        {
            rounds.Add(sent);
            world.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        // The probe, then ten of each step.
        Assert.Equal([1, .. Enumerable.Repeat(1, 10), .. Enumerable.Repeat(2, 5), 4, 4, 4, 8, 32], rounds.Take(21));
        Assert.Equal(BreakerStatus.Closed, (await world.CountersAsync()).Breaker.Status);
        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Delivered, delivery.Status));
    }

    [Fact]
    public async Task A_receiver_that_fails_half_of_the_time_is_not_left_alone()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(60);
        var count = 0;
        world.Receiver.Answer = () => (count++ % 2 == 0 ? 500 : 200, null);

        while (await node.RoundAsync() > 0)
        {
            Assert.Equal(BreakerStatus.Closed, (await world.CountersAsync()).Breaker.Status);
        }

        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Delivered, delivery.Status));
    }

    [Fact]
    public async Task Nine_of_ten_failures_open_it_without_ten_in_a_row()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await world.RegisterAsync();
        var count = 0;
        world.Receiver.Answer = () => (count++ % 10 == 9 ? 200 : 500, null);
        await world.PublishAsync(19);
        await node.RoundAsync();
        Assert.Equal(BreakerStatus.Closed, (await world.CountersAsync()).Breaker.Status);

        await node.RoundAsync();

        Assert.Equal((BreakerStatus.Open, 21), ((await world.CountersAsync()).Breaker.Status, world.Receiver.Requests));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    [InlineData(451)]
    public async Task What_looks_permanent_is_retried_and_pauses_nothing(int status)
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync();
        world.Receiver.Answer = () => (status, null);

        await node.RoundAsync();

        Assert.Equal(WebhookDeliveryStatus.Retrying, Assert.Single(await world.LogAsync()).Status);
        Assert.Null((await world.CountersAsync()).Breaker.PausedUntil);
    }

    [Theory]
    [InlineData(429, 5, 5)]
    [InlineData(503, 5, 5)]
    [InlineData(502, null, 1)]
    [InlineData(504, null, 1)]
    [InlineData(429, 0, 1)]
    [InlineData(429, 86_400, 3600)]
    public async Task A_receiver_that_has_too_much_to_do_is_left_alone_by_all_nodes(int status, int? retryAfter, int seconds)
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        using var other = world.NewNode();
        await world.RegisterAsync();
        await world.RegisterAsync("b");
        await world.PublishAsync();
        world.Receiver.Answer = () => (status, retryAfter);
        await node.RoundAsync();
        world.Receiver.Answer = () => (200, null);
        var until = world.Now + (seconds * 1000);

        Assert.Equal((until, PauseReason.Receiver), ((await world.CountersAsync()).Breaker.PausedUntil, (await world.CountersAsync()).Breaker.PauseReason));
        await world.PublishAsync();
        world.Time.Advance(TimeSpan.FromMilliseconds((seconds * 1000) - 1));
        Assert.Equal(0, (await node.RoundAsync()) + (await other.RoundAsync()));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));

        // The delivery itself waits by the same header.
        Assert.True((await other.RoundAsync()) > 0);
        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Delivered, delivery.Status));
        Assert.Null((await world.CountersAsync()).Breaker.PausedUntil);
    }

    [Fact]
    public async Task Many_refusals_at_once_are_written_once_or_twice()
    {
        await using var world = new BreakerNodes(options => options.Breaker.Failures = 0);
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(16);
        world.Receiver.Answer = () =>
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(10));
            return (429, 5);
        };
        await node.ClaimAsync();

        await Task.WhenAll(node.Buffer.TakeUnsent().Select(node.RunAsync));

        Assert.Equal(16, world.Receiver.Requests);
        Assert.InRange((await world.CountersAsync()).Breaker.Sequence, 1, 2);
    }

    [Fact]
    public async Task Breaker_Failures_says_when_it_opens_and_the_pauses_how_long_it_is_left_alone()
    {
        await using var world = new BreakerNodes(options =>
        {
            options.Breaker.Failures = 3;
            options.Breaker.MinPause = TimeSpan.FromSeconds(10);
            options.Breaker.MaxPause = TimeSpan.FromSeconds(20);
        });
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync();
        world.Receiver.Answer = () => (500, null);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(BreakerStatus.Closed, (await world.CountersAsync()).Breaker.Status);
            await node.RoundAsync();
        }

        foreach (var seconds in new[] { 10, 20, 20 })
        {
            var pause = (await world.CountersAsync()).Breaker.PausedUntil!.Value - world.Now;
            Assert.InRange(pause, seconds * 800, seconds * 1200);
            world.Time.Advance(TimeSpan.FromMilliseconds(pause));
            Assert.Equal(1, await node.RoundAsync());
        }
    }

    [Fact]
    public async Task A_person_who_retries_one_or_sends_a_test_need_not_wait_for_the_pause()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        world.Receiver.Answer = () => (200, null);
        Assert.Equal(0, await node.RoundAsync());

        await world.Deliveries.RetryAsync((await world.LogAsync())[0].Id, Cancellation);

        Assert.Equal(1, await node.RoundAsync());
        Assert.Equal(BreakerStatus.Recovering, (await world.CountersAsync()).Breaker.Status);
    }

    [Fact]
    public async Task A_test_event_ends_the_pause_of_an_open_breaker_but_not_what_the_receiver_asked_for()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        await world.Get<IWebhookEvents>().SendTestAsync(1, cancellationToken: Cancellation);
        world.Receiver.Answer = () => (503, 3000);
        Assert.Equal(1, await node.RoundAsync());

        await world.Get<IWebhookEvents>().SendTestAsync(1, cancellationToken: Cancellation);

        Assert.Equal(0, await node.RoundAsync());
        Assert.Equal(PauseReason.Receiver, (await world.CountersAsync()).Breaker.PauseReason);
    }

    [Fact]
    public async Task Another_url_is_tried_at_once()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);
        world.Receiver.Answer = () => (200, null);
        var webhook = (await world.Registry.FindAsync(1, Cancellation))!;

        await world.Registry.ChangeAsync(1, webhook.ToSettings() with { Url = "https://example.com/mended" }, Cancellation);

        Assert.Equal(1, await node.RoundAsync());
        Assert.Equal(0, (await world.CountersAsync()).Failures);
    }

    [Fact]
    public async Task People_see_why_a_webhook_is_left_alone_and_until_when()
    {
        await using var world = new BreakerNodes();
        using var node = world.NewNode();
        await OpenAsync(world, node);

        var health = (await world.Registry.FindAsync(1, Cancellation))!.Health;
        var delivery = (await world.LogAsync())[0];

        Assert.Equal((WebhookBreakerState.Open, WebhookPauseReason.Breaker, 10), (health.Breaker, health.PauseReason, health.Failures));
        Assert.Equal(health.FailingSince + TimeSpan.FromDays(5), health.DisabledAt);
        Assert.Equal((health.PausedUntil, health.PauseReason), (delivery.WebhookPausedUntil, delivery.WebhookPauseReason));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((null, null), ((await world.LogAsync())[0].WebhookPausedUntil, (await world.Registry.FindAsync(1, Cancellation))!.Health.PausedUntil));
    }

    /// <summary>Lets ten attempts of webhook 1 fail.</summary>
    private static async Task OpenAsync(BreakerNodes world, BreakerNodes.Node node)
    {
        await world.RegisterAsync();
        await world.PublishAsync(10);
        world.Receiver.Answer = () => (500, null);
        Assert.Equal(10, await node.RoundAsync());
        world.Receiver.Answer = () => (200, null);
        Assert.Equal(BreakerStatus.Open, (await world.CountersAsync()).Breaker.Status);
    }
}
