namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>The app publishes in a transaction with an order of its own: both exist, or neither.</summary>
public sealed class When_the_app_has_a_transaction(ITestOutputHelper report)
{
    [Fact]
    public async Task D14_while_it_is_open_its_event_is_nowhere_and_others_come_and_then_it_comes_too()
    {
        await using var scenario = await StartAsync();
        var (a, b) = await scenario.StartTwoNodesAsync();
        Task<Publication> open;
        await using (var held = await scenario.Store.HoldAsync("lock table orders in exclusive mode"))
        {
            open = scenario.Publisher.OrderAsync(a);
            await held.UntilWaitingAsync("a");
            var others = await Task.WhenAll(scenario.Publisher.PublishAsync(a), scenario.Publisher.PublishAsync(b));
            await Until.TrueAsync(() => others.All(other => scenario.Came(other) == 1));
            Assert.Equal(others.Length, await scenario.Store.ScalarAsync<long>("select count(*) from webhook_events"));
        }

        var committed = await open;
        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(1, scenario.Came(committed));
        await AssertBothOrNeitherAsync(scenario, orders: 1);
    }

    [Fact]
    public async Task D15_killed_before_the_commit_neither_the_order_nor_the_event_ever_was()
    {
        await using var scenario = await StartAsync();
        var (a, b) = await scenario.StartTwoNodesAsync();
        await using (var held = await scenario.Store.HoldAsync("lock table orders in exclusive mode"))
        {
            var cut = scenario.Publisher.OrderAsync(a);
            await held.UntilWaitingAsync("a");
            await a.KillAsync();
            await scenario.Store.EndConnectionsAsync("a");
            Assert.Equal(PublicationOutcome.Gone, (await cut).Outcome);
        }

        await scenario.Publisher.OrderAsync(b);
        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Single(scenario.Receiver.Requests);
        await AssertBothOrNeitherAsync(scenario, orders: 1);
    }

    [Fact]
    public async Task D15_commits_and_rollbacks_under_load_with_a_kill_between_leave_nothing_half_done()
    {
        await using var scenario = await StartAsync();
        var (a, b) = await scenario.StartTwoNodesAsync();
        using var enough = new CancellationTokenSource();
        var ordering = Task.WhenAll(new[] { a, a, b, b }.Select(async (node, worker) =>
        {
            for (var i = worker; !enough.IsCancellationRequested && (await scenario.Publisher.OrderAsync(node, commit: i % 3 != 0)).Outcome != PublicationOutcome.Gone; i++)
            {
                // The next one.
            }
        }));
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > 200);
        await a.KillAsync();
        var before = scenario.Publisher.Acknowledged;
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > before + 50);
        await enough.CancelAsync();
        await ordering;

        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 16));
        Assert.Contains(scenario.Publisher.Publications, publication => publication.Outcome == PublicationOutcome.RolledBack);
        await AssertBothOrNeitherAsync(scenario);
    }

    private async Task<Scenario> StartAsync()
    {
        var scenario = await Scenario.StartAsync(report);
        await scenario.Store.ExecuteAsync("create table orders (number int primary key)");
        return scenario;
    }

    private static async Task AssertBothOrNeitherAsync(Scenario scenario, int? orders = null)
    {
        var ordered = (await scenario.Store.ScalarAsync<int[]>("select array(select number from orders)")).ToHashSet();
        var stored = (await StoreContent.ReadAsync(scenario.Store)).Events.Select(stored => stored.Number).ToHashSet();
        var committed = scenario.Publisher.Publications.Where(publication => publication.IsOrder).Select(publication => publication.Number).Where(stored.Contains);
        Assert.Equal(ordered.Order(), committed.Order());
        Assert.Equal(orders ?? ordered.Count, ordered.Count);
    }
}
