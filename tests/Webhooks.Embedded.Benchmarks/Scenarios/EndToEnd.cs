using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Publish → durable → posted → outcome and attempt durable.</summary>
internal sealed class EndToEnd(int publishers, int fanOut, bool isOneTenant = false, Bar? rate = null, Bar? commits = null) : IScenario
{
    public string Name => $"end to end, {publishers} publishers, fan-out {fanOut}{(isOneTenant ? ", one tenant" : "")}";

    public async Task RunAsync(Run run)
    {
        var tenants = isOneTenant ? 1 : run.Sizes.Tenants;
        await using var database = await run.Store.CreateAsync();
        await using (var registering = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await registering.RegisterAsync(run.Receiver.UrlOf, tenants, fanOut);
        }

        // Commits are counted over the warm-up too: they can be read when nobody is connected. Those of the start itself are a dozen or two.
        var commitsBefore = await database.CommitsAsync();
        var deliveries = run.Sizes.Deliveries / fanOut * fanOut;
        var warmUp = deliveries / 10 / fanOut * fanOut;
        await using (var app = await BenchmarkApp.StartAsync(database))
        {
            Received? received = null;
            app.UseTenants(tenants);
            await run.Receiver.ResetAsync();
            await run.DeliverAsync(app, warmUp, fanOut, publishers);
            await run.MeasureAsync(
                deliveries,
                async () =>
                {
                    var cost = await run.DeliverAsync(app, deliveries, fanOut, publishers, before: warmUp);
                    received = await run.Receiver.ReadAsync();
                    return cost;
                },
                rate);
            run.Add("publish→received, ms, median", received!.MedianLatency.TotalMilliseconds);
            run.Add("publish→received, ms, 99 %", received.HighLatency.TotalMilliseconds);
            run.Add("ms without any outcome, at most", app.Outcomes.LongestPause.TotalMilliseconds);
        }

        run.Add("commits a delivery", (double)(await database.CommitsAsync() - commitsBefore) / (warmUp + deliveries), commits);
    }
}
