using System.Diagnostics;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>One event now and then: how long it takes to the receiver, beside a bare post in the same minute.</summary>
internal sealed class LightLoad : IScenario
{
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(20);

    public string Name => "light load, an event every 20 ms";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver, 1);
        await PublishSlowlyAsync(app, 20);
        await run.Ceiling.PostSlowlyAsync(run.Receiver, 20, Distance);

        await run.Receiver.ResetAsync();
        await run.Ceiling.PostSlowlyAsync(run.Receiver, run.Sizes.LightEvents, Distance);
        var bare = await run.Receiver.ReadAsync();
        await run.Receiver.ResetAsync();
        await PublishSlowlyAsync(app, run.Sizes.LightEvents);
        await run.DeliveredAsync(app, run.Sizes.LightEvents, before: 20);
        var received = await run.Receiver.ReadAsync();
        run.Add("publish→received against a bare post, medians", received.MedianLatency / bare.MedianLatency);
        run.Add("publish→received, ms, median", received.MedianLatency.TotalMilliseconds);
        run.Add("publish→received, ms, 99 %", received.HighLatency.TotalMilliseconds);
        run.Add("bare post, ms, median", bare.MedianLatency.TotalMilliseconds);
    }

    private static async Task PublishSlowlyAsync(BenchmarkApp app, int events)
    {
        for (var i = 0; i < events; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await app.PublishAsync(i);
            var left = Distance - Stopwatch.GetElapsedTime(started);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System);
        }
    }
}
