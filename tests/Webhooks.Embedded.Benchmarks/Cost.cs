using System.Diagnostics;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>What something took: time on the wall, processor time of this process, and processor time of the engine's own processes.</summary>
internal sealed record Cost(TimeSpan Elapsed, TimeSpan Processor, TimeSpan Engine)
{
    public static async Task<Cost> OfAsync(IBenchmarkStore store, Func<Task> work)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var engine = store.ProcessorTime();
        var started = Stopwatch.GetTimestamp();
        await work();
        return new Cost(Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - processor, store.ProcessorTime() - engine);
    }
}
