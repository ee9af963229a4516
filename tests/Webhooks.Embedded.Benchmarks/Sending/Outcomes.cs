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
    private volatile TaskCompletionSource _done = new();
    private long _recorded;
    private long _wanted = long.MaxValue;
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
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _wanted, attempts);
        if (Recorded >= attempts)
        {
            _done.TrySetResult();
        }

        return _done.Task.WaitAsync(within);
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

        if (Interlocked.Increment(ref _recorded) >= Interlocked.Read(ref _wanted))
        {
            _done.TrySetResult();
        }
    }

    private void Note(string instrument, long count)
    {
        lock (_strange)
        {
            _strange[instrument] = _strange.GetValueOrDefault(instrument) + count;
        }
    }
}
