namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>
/// What the database makes of the prepared statements after its statistics were taken of an empty queue, as happens in every quiet hour.
/// </summary>
internal sealed class EmptyQueuePlan : IScenario
{
    public string Name => "end to end after statistics of an empty queue";

    public async Task RunAsync(Run run)
    {
        if (!run.Store.HoldsSnapshots)
        {
            return;
        }

        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver, 1);
        var half = run.Sizes.Deliveries / 2;
        await MeasureAsync(run, app, half, before: 0);
        var normal = await MeasureAsync(run, app, half, before: half);
        await database.ExecuteAsync("vacuum analyze");
        var after = await MeasureAsync(run, app, half, before: 2 * half);
        run.Add("database time a delivery, after against before", after / normal);
    }

    private static async Task<double> MeasureAsync(Run run, BenchmarkApp app, int deliveries, int before)
    {
        await run.Receiver.ResetAsync();
        var cost = Stopwatches.Start(run.Store);
        await app.PublishAsync(deliveries, publishers: 64);
        await app.RecordedAsync(before + deliveries, TimeSpan.FromMinutes(5));
        var (_, _, engine) = cost.Stop();
        await run.DeliveredAsync(app, deliveries, before);
        return engine.TotalMicroseconds / deliveries;
    }
}
