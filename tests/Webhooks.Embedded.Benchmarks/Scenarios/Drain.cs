using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a node makes of a backlog that others left, its start included: all of it is claimed.</summary>
internal sealed class Drain : IScenario
{
    public string Name => "drain of a backlog";

    public async Task RunAsync(Run run)
    {
        var deliveries = run.Sizes.Deliveries;
        await using var database = await run.Store.CreateAsync();
        await using (var publisher = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await publisher.RegisterAsync(run.Receiver.UrlOf, run.Sizes.Tenants);
            await publisher.PublishAsync(deliveries, publishers: 64);
        }

        var commitsBefore = await database.CommitsAsync();
        var longestPause = TimeSpan.Zero;
        await run.MeasureAsync(
            deliveries,
            async () =>
            {
                BenchmarkApp? app = null;
                try
                {
                    var cost = await Cost.OfAsync(run.Store, async () =>
                    {
                        app = await BenchmarkApp.StartAsync(database);
                        await run.RecordedAsync(app, deliveries);
                    });
                    await run.CheckAsync(app!, deliveries);
                    longestPause = app!.Outcomes.LongestPause;
                    return cost;
                }
                finally
                {
                    if (app is not null)
                    {
                        await app.DisposeAsync();
                    }
                }
            },
            Bar.AtLeast(postgreSql: 0.40, sqlite: 0.55));
        run.Add("ms without any outcome, at most", longestPause.TotalMilliseconds);
        run.Add("commits a delivery", (double)(await database.CommitsAsync() - commitsBefore) / deliveries);
    }
}
