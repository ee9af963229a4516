using System.Diagnostics;
using Webhooks.Embedded.Benchmarks.Stores;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>Time on the wall, and processor time of this process and of the engine's.</summary>
internal sealed class Stopwatches
{
    private readonly IBenchmarkStore _store;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;
    private readonly TimeSpan _engine;

    private Stopwatches(IBenchmarkStore store)
    {
        _store = store;
        _engine = store.ProcessorTime();
    }

    public static Stopwatches Start(IBenchmarkStore store) => new(store);

    public (TimeSpan Elapsed, TimeSpan Processor, TimeSpan Engine) Stop() =>
        (Stopwatch.GetElapsedTime(_started), Environment.CpuUsage.TotalTime - _processor, _store.ProcessorTime() - _engine);
}
