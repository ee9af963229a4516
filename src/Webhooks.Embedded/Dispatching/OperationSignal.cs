using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Wakes whoever runs the operations, when one was started here or a claim has found one due. Claims ask the store anyway: only where none has told
/// anything for long, because the buffer is full or the store was away, there is a look in vain.
/// </summary>
internal sealed class OperationSignal(StoreClock clock, LiveOptions options) : IDisposable
{
    private const int PollsBeforeALook = 10;

    private readonly DispatchSignal _signal = new(clock);
    private readonly Lock _gate = new();
    private long _stepAt = long.MaxValue;

    public void Wake() => _signal.Wake();

    /// <summary>Says when the next operation in the store is due, or its lease ends; null where there is none. One that is due later, a later claim tells of.</summary>
    public void Expect(long? dueAt)
    {
        lock (_gate)
        {
            Plan(_stepAt);
        }

        if (dueAt <= clock.Now)
        {
            Wake();
        }
    }

    /// <summary>Waits until it is woken, or until this time in store time, that of the next step; null where there is none.</summary>
    public async Task WaitUntilAsync(long? stepAt, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Plan(stepAt ?? long.MaxValue);
        }

        await _signal.WaitAsync(cancellationToken);
        lock (_gate)
        {
            // It is being done now.
            Plan(long.MaxValue);
        }
    }

    public void Dispose() => _signal.Dispose();

    /// <summary>Whoever comes here has just looked, or been told: the next look is put off.</summary>
    private void Plan(long stepAt)
    {
        _stepAt = stepAt;
        _signal.Reset();
        _signal.WakeAt(Math.Min(stepAt, clock.Now + (PollsBeforeALook * (long)options.Current.PollInterval.TotalMilliseconds)));
    }
}
