using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Wakes whoever runs the operations, when one was started.</summary>
internal sealed class OperationSignal(StoreClock clock) : IDisposable
{
    private readonly DispatchSignal _signal = new(clock);

    public void Wake() => _signal.Wake();

    /// <summary>Waits until it is woken, or until this time in store time.</summary>
    public Task WaitUntilAsync(long time, CancellationToken cancellationToken)
    {
        _signal.Reset();
        _signal.WakeAt(time);
        return _signal.WaitAsync(cancellationToken);
    }

    public void Dispose() => _signal.Dispose();
}
