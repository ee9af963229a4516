namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a node costs that has nothing to do.</summary>
internal sealed class Idle : IScenario
{
    public string Name => "idle";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        TimeSpan processor, engine, elapsed;
        await using (var app = await BenchmarkApp.StartAsync(database))
        {
            await app.RegisterAsync(run.Receiver, 10);
            await Task.Delay(run.Sizes.IdleTime / 2, TimeProvider.System); // What the start has left to do.
            var cost = Stopwatches.Start(run.Store);
            await Task.Delay(run.Sizes.IdleTime, TimeProvider.System);
            (elapsed, processor, engine) = cost.Stop();
        }

        run.Add("ms of processor time a second, the app's", processor / elapsed * 1000);
        run.Add("ms of processor time a second, the database's", engine / elapsed * 1000);
    }
}
