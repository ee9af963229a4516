namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// When an attempt has taken too long, or the host's time for stopping is over: a token that is cancelled then. It serves one attempt after another, for a
/// timer and a registration of its own for each would cost as much as signing.
/// </summary>
internal sealed class AttemptDeadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _stopping;

    public AttemptDeadline(TimeProvider time, CancellationToken stopping)
    {
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stopping = stopping;
        _registration = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is over, and not because the host stops.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_stopping.IsCancellationRequested;

    /// <summary>So much time is left from now on.</summary>
    public void Set(TimeSpan time) => _source.CancelAfter(time);

    /// <summary>Makes it fit for the next attempt. False where it cannot be used again: dispose of it.</summary>
    public bool TryReset(CancellationToken stopping) => stopping == _stopping && _source.TryReset();

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
