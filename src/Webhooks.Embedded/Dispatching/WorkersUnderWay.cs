namespace Webhooks.Embedded.Dispatching;

/// <summary>Counts the workers, so that the dispatcher can wait for the last one.</summary>
internal sealed class WorkersUnderWay
{
    private readonly Lock _gate = new();
    private int _count;
    private TaskCompletionSource? _none;

    public void Start(Func<Task> work)
    {
        lock (_gate)
        {
            _count++;
        }

        _ = RunAsync(work);
    }

    /// <summary>Completes when no worker is at work.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
            {
                _none.TrySetResult();
            }

            return _none.Task;
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        // On a thread of its own: whoever starts it has better things to do.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work();
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _none?.TrySetResult();
            }
        }
    }
}
