namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

public sealed class When_the_database_is_lost(ITestOutputHelper report)
{
    // Long enough for the pauses between tries to have become long.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan ResumesWithin = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task D1_with_all_connections_ended_again_and_again_nothing_is_lost_and_nothing_comes_twice()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync();
        using var enough = new CancellationTokenSource();
        var publishing = Task.WhenAll(scenario.Publisher.PublishManyAsync(a, 4, enough.Token), scenario.Publisher.PublishManyAsync(b, 4, enough.Token));
        for (var i = 0; i < 40; i++)
        {
            await scenario.Store.Server.TerminateConnectionsAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        var before = scenario.Publisher.Acknowledged;
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > before + 100);
        await enough.CancelAsync();
        await publishing;
        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        AssertTyped(scenario);
    }

    [Fact]
    public async Task D2_with_the_server_stopped_and_started_the_nodes_go_on_and_nothing_is_lost()
    {
        await using var scenario = await Scenario.StartAsync(report);
        var (a, b) = await scenario.StartTwoNodesAsync();
        using var enough = new CancellationTokenSource();
        var publishing = Task.WhenAll(scenario.Publisher.PublishManyAsync(a, 2, enough.Token), scenario.Publisher.PublishManyAsync(b, 2, enough.Token));
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > 200);

        await scenario.Store.Server.StopAsync(immediate: true);
        await Until.TrueAsync(() => scenario.Publisher.Publications.Any(publication => publication.Outcome == PublicationOutcome.StoreFailed));

        await Task.Delay(Outage);
        await scenario.Store.Server.StartAsync();
        var ready = TimeProvider.System.GetTimestamp();
        var (acknowledged, requests) = (scenario.Publisher.Acknowledged, scenario.Receiver.Requests.Count);
        await Until.TrueAsync(() => scenario.Publisher.Acknowledged > acknowledged && scenario.Receiver.Requests.Count > requests);
        Assert.InRange(TimeProvider.System.GetElapsedTime(ready), TimeSpan.Zero, ResumesWithin);
        await Until.TrueAsync(() => new[] { a, b }.All(node => node.Output.Contains("can be claimed", StringComparison.Ordinal)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(ready), TimeSpan.Zero, ResumesWithin);

        await enough.CancelAsync();
        await publishing;

        // What was in flight when the server went cannot be recorded before its leases end.
        await scenario.EndsWithAsync(new Bounds(Incidents: 1, Duplicates: 2 * 16));
        AssertTyped(scenario);
    }

    private static void AssertTyped(Scenario scenario) => Assert.All(
        scenario.Publisher.Publications.Where(publication => publication.Outcome != PublicationOutcome.Ok),
        publication =>
        {
            Assert.Equal(PublicationOutcome.StoreFailed, publication.Outcome);
            Assert.StartsWith("transient: ", publication.Error, StringComparison.Ordinal);
        });
}
