using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>What a delivery leaves on the disk beyond its payload, and what each further delivery of the same event does.</summary>
internal sealed class BytesOnDisk : IScenario
{
    private const int FanOut = 10;
    private const int Publishers = 64;

    public string Name => "bytes on disk";

    public async Task RunAsync(Run run)
    {
        var one = await BytesOfAnEventAsync(run, fanOut: 1);
        var many = await BytesOfAnEventAsync(run, FanOut);
        run.Add("bytes a delivery beyond the payload, fan-out 1", one - Payload.Length, Bar.AtMost(postgreSql: 450, sqlite: 500));
        run.Add("bytes of each further delivery", (many - one) / (FanOut - 1), Bar.AtMost(200));
    }

    /// <summary>Growth while a database is filled that has been warmed up: neither what is there from the start, nor what is used again, counts.</summary>
    private static async Task<double> BytesOfAnEventAsync(Run run, int fanOut)
    {
        var events = run.Sizes.Deliveries / fanOut;
        var warmUp = events / 4;
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver.UrlOf, run.Sizes.Tenants, fanOut);
        await run.Receiver.ResetAsync();
        await run.DeliverAsync(app, warmUp * fanOut, fanOut, Publishers);
        await run.Receiver.ResetAsync();
        var before = await database.SizeAsync();
        await run.DeliverAsync(app, events * fanOut, fanOut, Publishers, before: warmUp * fanOut);
        return (double)(await database.SizeAsync() - before) / events;
    }
}
