using System.Diagnostics;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>
/// Bounds what a look at the queue costs while vacuum cannot do its work, because some transaction anywhere on the server has been open for long.
/// Every finished delivery then leaves an entry in the index that each look must step over: after 200,000 of them an empty look takes 12 ms.
/// </summary>
/// <remarks>
/// A full look that steps over many entries is followed by cheap ones, which begin where the queue was seen to begin. They miss what became visible
/// late with an older due time, such as the events of a caller's long transaction; so a full look comes again as soon as all of them together take
/// no more than 2 % of the time. Where there is little to step over, all looks are full. That is told by the entries and not by the time a look took:
/// one that was slow because the server had much to do is not slow again.
/// </remarks>
internal sealed class PostgreSqlWatermark
{
    // Rows are due when their statement began, and visible a little later.
    private const long MarginMs = 100;

    // Some 3 ms.
    private const int ManyEntries = 50_000;
    private const int Rest = 50;

    private volatile State _state = new(TimeSpan.Zero, 0, 0, null);

    /// <summary>From which due time on to look; null: everywhere.</summary>
    public long? From => RestLeft() > TimeSpan.Zero ? _state.From : null;

    /// <summary>When to look again although nothing that a cheap look has seen is due by then; null after a full look, which sees everything.</summary>
    public long? NextDueAt(long now)
    {
        var left = RestLeft();
        var fullLookAt = now + (long)Math.Ceiling(left.TotalMilliseconds);
        return left <= TimeSpan.Zero ? null
            : _state.NextDueAt is { } dueAt && dueAt > now ? Math.Min(dueAt, fullLookAt)
            : fullLookAt;
    }

    /// <summary>Says what a look saw, how many entries of the index it read for that, and how long the server took.</summary>
    public void Looked(IReadOnlyCollection<QueueHead> heads, long now, bool isFull, long entries, TimeSpan duration)
    {
        var begin = Math.Min(now, heads.Min(head => head.DueAt) ?? now) - MarginMs;
        _state = isFull
            ? new State(
                entries - heads.Count > ManyEntries ? duration * Rest : TimeSpan.Zero,
                Stopwatch.GetTimestamp(),
                begin,
                heads.Where(head => head.DueAt > now).Min(head => head.DueAt))
            : _state with { From = begin };
    }

    private TimeSpan RestLeft() => _state.Rest == TimeSpan.Zero ? TimeSpan.Zero : _state.Rest - Stopwatch.GetElapsedTime(_state.LookedAt);

    private sealed record State(TimeSpan Rest, long LookedAt, long From, long? NextDueAt);
}
