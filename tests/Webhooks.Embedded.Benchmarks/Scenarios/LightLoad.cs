using System.Diagnostics;
using Webhooks.Embedded.Benchmarks.Receiving;
using Webhooks.Embedded.Benchmarks.Sending;

namespace Webhooks.Embedded.Benchmarks.Scenarios;

/// <summary>One event now and then: how long it takes to the receiver, beside bare posts before and after.</summary>
internal sealed class LightLoad : IScenario
{
    private const int WarmUp = 20;
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(20);

    public string Name => "light load, an event every 20 ms";

    public async Task RunAsync(Run run)
    {
        await using var database = await run.Store.CreateAsync();
        await using var app = await BenchmarkApp.StartAsync(database);
        await app.RegisterAsync(run.Receiver.UrlOf, 1);
        await run.Receiver.ResetAsync();
        await PublishSlowlyAsync(app, WarmUp);
        await run.RecordedAsync(app, WarmUp);

        var events = run.Sizes.LightEvents;
        var before = await PostAsync(run, events / 2);
        await run.Receiver.ResetAsync();
        await PublishSlowlyAsync(app, events);
        await run.RecordedAsync(app, WarmUp + events);
        await run.CheckAsync(app, events);
        var received = await run.Receiver.ReadAsync();
        var after = await PostAsync(run, events / 2);

        run.Add(
            "publish→received of a bare post's, medians",
            received.MedianLatency / ((before.MedianLatency + after.MedianLatency) / 2),
            Bar.AtMost(postgreSql: 6, sqlite: 4.5));
        run.Add("publish→received of a bare post's, 99 %", received.HighLatency / ((before.HighLatency + after.HighLatency) / 2));
        run.Add("publish→received, ms, median", received.MedianLatency.TotalMilliseconds);
        run.Add("publish→received, ms, 99 %", received.HighLatency.TotalMilliseconds);
        run.Add("bare post, ms, median", (before.MedianLatency + after.MedianLatency).TotalMilliseconds / 2);
        run.Add("bare post, ms, 99 %", (before.HighLatency + after.HighLatency).TotalMilliseconds / 2);
    }

    private static async Task<Received> PostAsync(Run run, int posts)
    {
        await run.Ceiling.PostSlowlyAsync(run.Receiver, WarmUp, Distance);
        await run.Receiver.ResetAsync();
        await run.Ceiling.PostSlowlyAsync(run.Receiver, posts, Distance);
        return await run.Receiver.ReadAsync();
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
