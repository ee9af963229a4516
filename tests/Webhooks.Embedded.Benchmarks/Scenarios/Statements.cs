using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>How often the engine is asked. Counting takes time of its own, so the rate is measured elsewhere.</summary>
internal sealed class Statements : IScenario
{
    private const int Publishers = 64;

    public string Name => "statements, 64 publishers, fan-out 1";

    public async Task RunAsync(Run run)
    {
        var deliveries = run.Sizes.Deliveries / 2;
        var warmUp = deliveries / 10;
        await using var database = await run.Store.CreateAsync(countsStatements: true);
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver.UrlOf, run.Sizes.Tenants);
        await run.Receiver.ResetAsync();
        await run.DeliverAsync(app, warmUp, fanOut: 1, Publishers);
        await run.Receiver.ResetAsync();
        var before = await database.StatementsAsync();
        await run.DeliverAsync(app, deliveries, fanOut: 1, Publishers, before: warmUp);
        var counted = await database.StatementsAsync() - before;
        run.Add("SQL statements a delivery", (double)counted.Statements / deliveries);
        run.Add("transactions a delivery", (double)counted.Transactions / deliveries);
    }
}
