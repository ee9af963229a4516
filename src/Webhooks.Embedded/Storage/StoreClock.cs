using System.Diagnostics;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Store time: what every stored time is measured by, in Unix milliseconds. Due times and leases are compared in it, so nodes that share
/// a store must agree on it. Where the store has a clock of its own, that one counts: the node reads it on every claim, and goes on from
/// the last reading by its monotonic clock, so that a node's wrong or jumping wall clock changes nothing. Elapsed time is measured by the
/// node alone.
/// </summary>
/// <remarks>A host that registers a <see cref="System.TimeProvider"/> other than the system's has taken time into its own hands: it is believed.</remarks>
internal sealed class StoreClock(TimeProvider timeProvider)
{
    private readonly bool _followsStore = timeProvider == TimeProvider.System;
    private volatile ClockReading? _reading;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public long Now => _reading is { } reading
        ? reading.StoreTime + (long)Stopwatch.GetElapsedTime(reading.Timestamp).TotalMilliseconds
        : TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>By how much the node's wall clock is ahead of the store's.</summary>
    public TimeSpan Skew => TimeSpan.FromMilliseconds(TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() - Now);

    /// <summary>Goes by this reading from now on, if it knows better than the last one.</summary>
    public void Follow(ClockReading? reading)
    {
        if (!_followsStore || reading is not { } next)
        {
            return;
        }

        // A reading that took long is vague. It is taken only where it contradicts the last one: the two clocks drift apart, and jump.
        if (_reading is not { } last || next.Uncertainty <= last.Uncertainty || Contradicts(last, next))
        {
            _reading = next;
        }
    }

    private static bool Contradicts(ClockReading last, ClockReading next)
    {
        var expected = last.StoreTime + Stopwatch.GetElapsedTime(last.Timestamp, next.Timestamp).TotalMilliseconds;
        return Math.Abs(next.StoreTime - expected) > (last.Uncertainty + next.Uncertainty).TotalMilliseconds + 1;
    }
}
