namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>How often a webhook may be sent a test event: a receiver is not to be flooded by whoever finds the button. Counted by this node.</summary>
internal sealed class TestAllowance(TimeProvider timeProvider)
{
    public const int MaxTests = 10;
    private const int MaxRemembered = 1000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Queue<long>> _tests = [];

    /// <summary>Counts one more test; or says how long to wait for the next one, and counts nothing.</summary>
    public bool TryTake(long webhookId, out TimeSpan wait)
    {
        lock (_gate)
        {
            if (_tests.Count >= MaxRemembered)
            {
                Forget();
            }

            if (!_tests.TryGetValue(webhookId, out var tests))
            {
                _tests.Add(webhookId, tests = new Queue<long>(MaxTests));
            }

            while (tests.TryPeek(out var oldest) && timeProvider.GetElapsedTime(oldest) >= Window)
            {
                tests.Dequeue();
            }

            wait = tests.Count < MaxTests ? TimeSpan.Zero : Window - timeProvider.GetElapsedTime(tests.Peek());
            if (wait == TimeSpan.Zero)
            {
                tests.Enqueue(timeProvider.GetTimestamp());
            }

            return wait == TimeSpan.Zero;
        }
    }

    private void Forget()
    {
        foreach (var (webhookId, tests) in _tests)
        {
            if (tests.All(test => timeProvider.GetElapsedTime(test) >= Window))
            {
                _tests.Remove(webhookId);
            }
        }
    }
}
