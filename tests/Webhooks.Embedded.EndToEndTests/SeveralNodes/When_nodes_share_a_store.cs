namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

public sealed class When_nodes_share_a_store(ITestOutputHelper report)
{
    [Fact]
    public async Task Both_deliver_and_every_delivery_is_made_exactly_once()
    {
        const int Events = 20_000;
        string[] tenants = ["north", "south", "east", "west"];

        // Nothing goes wrong here, so a slow machine gets all the time that apps have.
        string[] usual = ["--Webhooks:Timeout", "00:00:15", "--Webhooks:LeaseDuration", "00:01:00"];
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = (await scenario.LaunchNodeAsync("a", usual), await scenario.LaunchNodeAsync("b", usual));
        await a.UntilReadyAsync();
        await b.UntilReadyAsync();
        foreach (var tenant in tenants)
        {
            await scenario.RegisterAsync(a, tenant);
        }

        await Task.WhenAll(tenants.Select(tenant => scenario.Publisher.PublishManyAsync([a, b], Events / tenants.Length, workers: 8, tenant)));

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(Events, scenario.Receiver.Requests.Count);
        Assert.All(scenario.Receiver.Requests.CountBy(request => $"{request.Headers["X-Node"]}"), node => Assert.InRange(node.Value, Events / 10, Events));
    }

    [Fact]
    public async Task One_that_only_publishes_delivers_nothing_and_another_one_delivers_it()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var publishing = await scenario.LaunchNodeAsync("publishing", "--Node:Dispatcher", "false");
        var delivering = await scenario.StartNodeAsync("delivering");
        await publishing.UntilReadyAsync();
        await scenario.RegisterAsync(publishing);

        await scenario.Publisher.PublishManyAsync([publishing], count: 200, workers: 8);

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.All(scenario.Receiver.Requests, request => Assert.Equal("delivering", request.Headers["X-Node"]));
        Assert.False(delivering.HasExited);
    }

    [Fact]
    public async Task What_one_gives_back_when_it_is_stopped_another_one_takes_at_once_and_nothing_comes_twice()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, _) = await scenario.StartTwoNodesAsync(["--Webhooks:LeaseDuration", "00:10:00"]);
        scenario.Receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(200));
        await scenario.Publisher.PublishManyAsync([a], count: 300, workers: 8);

        // No lease to wait for: that would take ten minutes.
        Assert.Equal(0, await a.TerminateAsync());

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Contains(scenario.Receiver.Requests, request => request.Headers["X-Node"] == "b");
    }

    [Fact]
    public async Task What_somebody_else_holds_is_passed_over_and_nobody_waits_for_it()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var publishing = await scenario.LaunchNodeAsync("publishing", "--Node:Dispatcher", "false");
        var delivering = await scenario.StartNodeAsync("delivering", "--Webhooks:Retry:Delays:0", "00:00:02");
        await publishing.UntilReadyAsync();
        await scenario.RegisterAsync(publishing);
        scenario.Receiver.Script = _ => new Answer(500);
        await scenario.Publisher.PublishAsync(publishing);
        await Until.TrueAsync(async () => await scenario.Store.ScalarAsync<long>("select count(*) from webhook_attempts") == 1);
        Publication other;
        await using (await scenario.Store.HoldAsync("select 1 from webhook_queue for update"))
        {
            // Due before the other one, and due it stays: its retry cannot be claimed.
            scenario.Receiver.Script = _ => new Answer(200);
            await Until.TrueAsync(async () => await scenario.Store.ScalarAsync<long>(
                "select count(*) from webhook_queue where due_at < extract(epoch from clock_timestamp()) * 1000") == 1);
            other = await scenario.Publisher.PublishAsync(publishing);
            await Until.TrueAsync(() => scenario.Came(other) == 1);
        }

        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.False(delivering.HasExited);
    }
}
