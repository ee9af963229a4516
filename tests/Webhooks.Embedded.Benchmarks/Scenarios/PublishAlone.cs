namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Publishing on a node that leaves delivering to others.</summary>
internal sealed class PublishAlone(int publishers) : IScenario
{
    public string Name => $"publish alone, {publishers} publishers";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database, dispatches: false);
        await app.RegisterAsync(run.Receiver, 1);
        await app.PublishAsync(run.Sizes.Deliveries / 10, publishers);
        var cost = Stopwatches.Start(run.Store);
        await app.PublishAsync(run.Sizes.Deliveries, publishers);
        var (elapsed, processor, engine) = cost.Stop();
        run.Add("events/s", run.Sizes.Deliveries / elapsed.TotalSeconds);
        run.Add("µs of processor time an event, the app's", processor.TotalMicroseconds / run.Sizes.Deliveries);
        run.Add("µs of processor time an event, the database's", engine.TotalMicroseconds / run.Sizes.Deliveries);
    }
}
