using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Store time: what every stored time is measured by, in Unix milliseconds. Due times and leases are compared in it, so nodes that share
/// a store must agree on it. Where the store has a clock of its own, that one counts: the node reads it on every claim, and goes on from
/// the last reading by its monotonic clock, so that a node's wrong or jumping wall clock changes nothing. Elapsed time is measured by the
/// node alone.
/// </summary>
/// <remarks>A host that registers a <see cref="System.TimeProvider"/> other than the system's has taken time into its own hands: it is believed.</remarks>
internal sealed partial class StoreClock(TimeProvider timeProvider, ILogger<StoreClock> logger)
{
    /// <summary>How much the node's wall clock may be off before people are told: the host's own logs no longer fit to the log of webhooks.</summary>
    private static readonly TimeSpan SkewToTell = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = logger;
    private readonly bool _followsStore = timeProvider == TimeProvider.System;
    private volatile ClockReading? _reading;
    private volatile bool _isSkewTold;

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

        Tell(Skew);
    }

    private void Tell(TimeSpan skew)
    {
        var isSkewed = skew.Duration() > SkewToTell;
        if (isSkewed == _isSkewTold)
        {
            return;
        }

        _isSkewTold = isSkewed;
        if (isSkewed)
        {
            LogSkewed(skew);
        }
        else
        {
            LogNotSkewed();
        }
    }

    private static bool Contradicts(ClockReading last, ClockReading next)
    {
        var expected = last.StoreTime + Stopwatch.GetElapsedTime(last.Timestamp, next.Timestamp).TotalMilliseconds;
        return Math.Abs(next.StoreTime - expected) > (last.Uncertainty + next.Uncertainty).TotalMilliseconds + 1;
    }

    [LoggerMessage(3201, LogLevel.Warning, "The clock of this node is {Skew} ahead of the store's. Webhooks goes by the store's clock; set the node's right, or its other logs will not fit", EventName = "ClockSkewed")]
    private partial void LogSkewed(TimeSpan skew);

    [LoggerMessage(3202, LogLevel.Information, "The clock of this node agrees with the store's again", EventName = "ClockAgrees")]
    private partial void LogNotSkewed();
}
