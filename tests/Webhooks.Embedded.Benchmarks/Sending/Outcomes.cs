using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>What the product's own meter and log say of it: how much is done, and what should not have happened.</summary>
internal sealed class Outcomes : IDisposable
{
    private const string Attempts = "webhooks.attempt.duration";

    private static readonly string[] Strange = ["webhooks.lease.lost", "webhooks.attempt.reconnected", "webhooks.breaker.opened"];

    private static readonly ConcurrentQueue<string> OfEnded = new();

    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, long> _strange = [];
    private Warnings _warnings = new();
    private volatile Waiting _waiting = new(long.MaxValue);
    private long _recorded;
    private long _lastAt;
    private long _longestPause;

    public Outcomes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == Attempts || Strange.Contains(instrument.Name, StringComparer.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => OnRecorded());
        _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) => Note(instrument.Name, count));
        Watch();
        _listener.Start();
    }

    /// <summary>Attempts whose outcomes are durable, since the start.</summary>
    public long Recorded => Interlocked.Read(ref _recorded);

    /// <summary>The longest time between two outcomes since <see cref="Watch"/>: a stall.</summary>
    public TimeSpan LongestPause => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _longestPause));

    public void Follow(Warnings warnings) => _warnings = warnings;

    public void Watch()
    {
        Interlocked.Exchange(ref _longestPause, 0);
        Interlocked.Exchange(ref _lastAt, Stopwatch.GetTimestamp());
    }

    /// <summary>Returns when the outcomes of so many attempts are durable, counted from the start.</summary>
    public Task WhenRecordedAsync(long attempts, TimeSpan within)
    {
        // Number and task change together: outcomes are counted meanwhile, and must not end this wait for having been enough for the last one.
        var waiting = new Waiting(attempts);
        _waiting = waiting;
        waiting.Counted(Recorded);
        return waiting.Done.WaitAsync(within);
    }

    /// <summary>What should not have happened, since the start.</summary>
    public IReadOnlyList<string> Strangeness()
    {
        lock (_strange)
        {
            return [.. _strange.Select(entry => FormattableString.Invariant($"{entry.Key}: {entry.Value}")), .. _warnings.Texts];
        }
    }

    /// <summary>What should not have happened in the apps that have ended since this was last asked.</summary>
    public static IEnumerable<string> TakeStrangeness()
    {
        while (OfEnded.TryDequeue(out var strange))
        {
            yield return strange;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var strange in Strangeness())
        {
            OfEnded.Enqueue(strange);
        }
    }

    private void OnRecorded()
    {
        var now = Stopwatch.GetTimestamp();
        var pause = now - Interlocked.Exchange(ref _lastAt, now);
        if (pause > Interlocked.Read(ref _longestPause))
        {
            // Two at once are of the same moment: either will do.
            Interlocked.Exchange(ref _longestPause, pause);
        }

        var recorded = Interlocked.Increment(ref _recorded);
        _waiting.Counted(recorded);
    }

    private void Note(string instrument, long count)
    {
        lock (_strange)
        {
            _strange[instrument] = _strange.GetValueOrDefault(instrument) + count;
        }
    }

    /// <summary>Somebody who waits for so many outcomes.</summary>
    private sealed class Waiting(long wanted)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public void Counted(long recorded)
        {
            if (recorded >= wanted)
            {
                _done.TrySetResult();
            }
        }
    }
}
