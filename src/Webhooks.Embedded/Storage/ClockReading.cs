using System.Diagnostics;

namespace Webhooks.Embedded.Storage;

/// <summary>What the clock of the store said, and when it was asked and answered by this node's monotonic clock.</summary>
/// <param name="StoreTime">Unix milliseconds.</param>
/// <param name="Asked"><see cref="Stopwatch.GetTimestamp"/> before the question.</param>
/// <param name="Answered"><see cref="Stopwatch.GetTimestamp"/> after the answer.</param>
internal sealed record ClockReading(long StoreTime, long Asked, long Answered)
{
    /// <summary>By how much the reading may be wrong: the store looked at its clock at some time between question and answer.</summary>
    public TimeSpan Uncertainty => Stopwatch.GetElapsedTime(Asked, Answered) / 2;

    /// <summary>The monotonic time that goes with <see cref="StoreTime"/>, as well as can be told.</summary>
    public long Timestamp => Asked + ((Answered - Asked) / 2);
}
