using Webhooks.Embedded.Benchmarks.Sending;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>
/// What the database makes of the statements after its statistics were taken of an empty queue, as happens in every quiet hour. Where it falls for
/// it, it reads the whole queue for each batch, and the queue grows until the next vacuum; so vacuum does not come here.
/// </summary>
internal sealed class EmptyQueuePlan : IScenario
{
    private const int Publishers = 64;

    public string Name => "end to end after statistics of an empty queue";

    public bool RunsOn(IBenchmarkStore store) => store is PostgreSqlBenchmarkStore;

    public async Task RunAsync(Run run)
    {
        var normal = await DatabaseTimeAsync(run, isAnalyzedEmpty: false);
        var after = await DatabaseTimeAsync(run, isAnalyzedEmpty: true);
        run.Add("database time a delivery, of what it takes otherwise", after / normal, Bar.AtMost(postgreSql: 1.2, sqlite: null));
        run.Add("µs of processor time a delivery, the database's", after);
        run.Add("µs of processor time a delivery, the database's, otherwise", normal);
    }

    private static async Task<double> DatabaseTimeAsync(Run run, bool isAnalyzedEmpty)
    {
        await using var created = await run.Store.CreateAsync();
        var database = (PostgreSqlBenchmarkDatabase)created;
        var deliveries = run.Sizes.Deliveries * 2;
        var warmUp = deliveries / 10;
        await using (var publisher = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await publisher.RegisterAsync(run.Receiver.UrlOf, run.Sizes.Tenants);
            await database.StopAutovacuumAsync();
            if (!isAnalyzedEmpty)
            {
                await publisher.PublishAsync(warmUp, Publishers);
            }
        }

        // What is planned for is an empty table without a page, or a queue as it is under load.
        await database.ExecuteAsync("vacuum analyze");
        await run.Receiver.ResetAsync();
        await using var app = await BenchmarkApp.StartAsync(database);
        app.UseTenants(run.Sizes.Tenants);
        if (isAnalyzedEmpty)
        {
            await app.PublishAsync(warmUp, Publishers);
        }

        await run.RecordedAsync(app, warmUp);
        await run.CheckAsync(app, warmUp);
        await run.Receiver.ResetAsync();
        var cost = await run.DeliverAsync(app, deliveries, fanOut: 1, Publishers, before: warmUp);
        return cost.Engine.TotalMicroseconds / deliveries;
    }
}
