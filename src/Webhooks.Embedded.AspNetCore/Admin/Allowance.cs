namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>How often something may be done in a minute, for each webhook or whatever else it is counted by. Counted by this node.</summary>
internal sealed class Allowance<TKey>(int most, TimeProvider timeProvider)
    where TKey : notnull
{
    private const int MaxRemembered = 1000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Queue<long>> _times = [];

    /// <summary>Counts one more; or says how long to wait for the next one, and counts nothing.</summary>
    public bool TryTake(TKey key, out TimeSpan wait)
    {
        lock (_gate)
        {
            if (_times.Count >= MaxRemembered)
            {
                Forget();
            }

            if (!_times.TryGetValue(key, out var times))
            {
                _times.Add(key, times = new Queue<long>(most));
            }

            while (times.TryPeek(out var oldest) && timeProvider.GetElapsedTime(oldest) >= Window)
            {
                times.Dequeue();
            }

            wait = times.Count < most ? TimeSpan.Zero : Window - timeProvider.GetElapsedTime(times.Peek());
            if (wait == TimeSpan.Zero)
            {
                times.Enqueue(timeProvider.GetTimestamp());
            }

            return wait == TimeSpan.Zero;
        }
    }

    private void Forget()
    {
        foreach (var (key, times) in _times)
        {
            if (times.All(time => timeProvider.GetElapsedTime(time) >= Window))
            {
                _times.Remove(key);
            }
        }
    }
}
