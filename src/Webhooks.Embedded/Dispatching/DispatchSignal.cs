using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Wakes the dispatcher when there is, or will be, something to claim.</summary>
internal sealed class DispatchSignal : IDisposable
{
    // A timer cannot wait for more than 49 days. To be woken in vain once a day costs nothing.
    private const long MaxWaitMs = 24 * 60 * 60 * 1000;

    private readonly StoreClock _clock;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _awake = new(0, 1);
    private readonly ITimer _timer;
    private long _wakeAt = long.MaxValue;
    private bool _isDisposed;

    public DispatchSignal(StoreClock clock)
    {
        _clock = clock;
        _timer = clock.TimeProvider.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Wakes the dispatcher now.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (!_isDisposed && _awake.CurrentCount == 0)
            {
                _awake.Release();
            }
        }
    }

    /// <summary>Wakes the dispatcher at this time in store time, if it would not wake up earlier anyway.</summary>
    public void WakeAt(long dueAt)
    {
        lock (_gate)
        {
            if (!_isDisposed && dueAt < _wakeAt)
            {
                _wakeAt = dueAt;
                _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(dueAt - _clock.Now, 0, MaxWaitMs)), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Forgets what was planned, before the dispatcher looks for itself. What is said from now on counts for the next wait.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _wakeAt = long.MaxValue;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => _awake.WaitAsync(cancellationToken);

    public void Dispose()
    {
        // In the lock, so that no timer is just about to wake.
        lock (_gate)
        {
            _isDisposed = true;
            _timer.Dispose();
            _awake.Dispose();
        }
    }
}
