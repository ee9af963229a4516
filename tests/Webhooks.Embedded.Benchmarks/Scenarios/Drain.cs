namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a node makes of a backlog that others left: all of it is claimed.</summary>
internal sealed class Drain : IScenario
{
    private const int Tenants = 64;

    public string Name => "drain of a backlog";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using (var publisher = await BenchmarkApp.StartAsync(database, dispatches: false))
        {
            await publisher.RegisterAsync(run.Receiver, Tenants);
            await publisher.PublishAsync(run.Sizes.Deliveries, publishers: 64);
        }

        await run.MeasureCeilingAsync(64);
        await run.Receiver.ResetAsync();
        var deliveries = run.Sizes.Deliveries;
        var cost = Stopwatches.Start(run.Store);
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RecordedAsync(deliveries, TimeSpan.FromMinutes(5));
        var (elapsed, processor, engine) = cost.Stop();
        await run.DeliveredAsync(app, deliveries);
        run.Add("of the ceiling's rate", deliveries / elapsed.TotalSeconds / run.CeilingRate);
        run.Add("deliveries/s", deliveries / elapsed.TotalSeconds);
        run.Add("µs of processor time a delivery, the app's", processor.TotalMicroseconds / deliveries);
        run.Add("µs of processor time a delivery, the database's", engine.TotalMicroseconds / deliveries);
    }
}
