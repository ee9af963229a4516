using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>A breaker from its first failure until it is closed again, by the dispatcher's own claims, beside the room that fairness gives.</summary>
public sealed class BreakerDispatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_ten_failures_nothing_is_sent_until_the_pause_is_over_then_one_probe_and_then_one_two_and_four_at_once()
    {
        await using var world = new BreakerNodes(options => options.ConcurrencyPerWebhook = 8);
        using var node = world.NewNode();
        using var other = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(100);
        world.Receiver.Answer = () => (500, null);

        while (await RoundAsync(node) > 0)
        {
            Assert.InRange(world.Receiver.Requests, 1, 10);
        }

        var breaker = (await world.CountersAsync()).Breaker;
        Assert.Equal((10, BreakerStatus.Open), (world.Receiver.Requests, breaker.Status));
        world.Receiver.Answer = () => (200, null);
        world.Time.Advance(TimeSpan.FromMilliseconds(breaker.PausedUntil!.Value - world.Now - 1));
        Assert.Equal((0, 0), (await RoundAsync(node), await RoundAsync(other)));

        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(node.Dispatcher.ClaimOnceAsync(Cancellation), other.Dispatcher.ClaimOnceAsync(Cancellation));
        Assert.Equal(1, await node.WorkAsync() + await other.WorkAsync());
        Assert.Equal(BreakerStatus.Recovering, (await world.CountersAsync()).Breaker.Status);

        var rounds = new List<int>();
        while ((await world.CountersAsync()).Breaker.Status == BreakerStatus.Recovering)
        {
            rounds.Add(await RoundAsync(node));
        }

        Assert.Equal([.. Enumerable.Repeat(1, 10), .. Enumerable.Repeat(2, 5), 4, 4, 4], rounds);
        Assert.Equal(BreakerStatus.Closed, (await world.CountersAsync()).Breaker.Status);
        while (await RoundAsync(node) > 0)
        {
        }

        Assert.All(await world.LogAsync(), delivery => Assert.Equal(WebhookDeliveryStatus.Delivered, delivery.Status));
    }

    [Fact]
    public async Task Each_step_of_the_way_wakes_the_dispatcher_so_that_it_need_not_poll()
    {
        await using var world = new BreakerNodes(options =>
        {
            options.PollInterval = TimeSpan.FromMinutes(1);
            options.ConcurrencyPerWebhook = 8;
            options.Breaker.MinPause = TimeSpan.FromSeconds(5);
        });
        using var node = world.NewNode();
        await world.RegisterAsync();
        await world.PublishAsync(100);
        world.Receiver.Answer = () => (500, null);
        await node.Dispatcher.StartAsync(Cancellation);

        await UntilAsync(async () => (await world.CountersAsync()).Breaker.Status == BreakerStatus.Open);

        // Beside the ten there may have been as many under way as may be at once.
        Assert.InRange(world.Receiver.Requests, 10, 17);

        // Of time passes nothing but the pause; from then on one thing has to lead to the next.
        world.Receiver.Answer = () => (200, null);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        await UntilAsync(async () => (await world.CountersAsync()).Breaker.Status == BreakerStatus.Closed);
        await UntilAsync(async () => (await world.LogAsync()).All(delivery => delivery.Status == WebhookDeliveryStatus.Delivered));
        await node.Dispatcher.StopAsync(Cancellation);
    }

    private static async Task<int> RoundAsync(BreakerNodes.Node node)
    {
        await node.Dispatcher.ClaimOnceAsync(Cancellation);
        return await node.WorkAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        impatience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(10, impatience.Token);
        }
    }
}
