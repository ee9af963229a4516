namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>Publish → durable → posted → outcome and attempt durable.</summary>
internal sealed class EndToEnd(int publishers, int fanOut, int tenants = EndToEnd.Tenants) : IScenario
{
    private const int Tenants = 64;

    public string Name => $"end to end, {publishers} publishers, fan-out {fanOut}{(tenants == 1 ? ", one tenant" : "")}";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        var deliveries = run.Sizes.Deliveries - (run.Sizes.Deliveries % fanOut);
        var warmUp = deliveries / 10 / fanOut * fanOut;
        await using (var app = await BenchmarkApp.StartAsync(database))
        {
            await app.RegisterAsync(run.Receiver, tenants, fanOut);
            await run.Receiver.ResetAsync();
            await app.PublishAsync(warmUp / fanOut, publishers);
            await run.DeliveredAsync(app, warmUp);
            await run.MeasureCeilingAsync(64);
            await run.Receiver.ResetAsync();

            var cost = Stopwatches.Start(run.Store);
            await app.PublishAsync(deliveries / fanOut, publishers);
            await app.RecordedAsync(warmUp + deliveries, TimeSpan.FromMinutes(5));
            var (elapsed, processor, engine) = cost.Stop();
            await run.DeliveredAsync(app, deliveries, before: warmUp);

            var received = await run.Receiver.ReadAsync();
            var rate = deliveries / elapsed.TotalSeconds;
            run.Add("of the ceiling's rate", rate / run.CeilingRate);
            run.Add("deliveries/s", rate);
            run.Add("µs of processor time a delivery, the app's", processor.TotalMicroseconds / deliveries);
            run.Add("µs of processor time a delivery, the database's", engine.TotalMicroseconds / deliveries);
            run.Add("publish→received, ms, median", received.MedianLatency.TotalMilliseconds);
            run.Add("publish→received, ms, 99 %", received.HighLatency.TotalMilliseconds);
        }

        if (await database.CommitsAsync() is { } commits)
        {
            run.Add("commits a delivery", (double)commits / (warmUp + deliveries));
        }

        run.Add("bytes on disk a delivery, its payload's share included", (double)await database.SizeAsync() / (warmUp + deliveries));
    }
}
