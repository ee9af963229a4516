using System.Collections.Concurrent;

namespace Webhooks.Embedded.Sqlite;

/// <summary>
/// A thread for what is written all the time. SQLite waits for the disk in a commit, and a thread of the pool that waits is one that sends nothing:
/// the pool has as many as there are processors.
/// </summary>
internal sealed class SqliteThread : IDisposable
{
    private readonly BlockingCollection<Action> _waiting = [];
    private readonly Thread _thread;

    public SqliteThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Webhooks.Embedded SQLite" };

        // It is nobody's: not of the request that was the first to write.
        using (ExecutionContext.SuppressFlow())
        {
            _thread.Start();
        }
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                // Whatever it is, it is for whoever waits; the thread goes on.
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>To be called when nobody waits any more.</summary>
    public void Dispose()
    {
        if (!_waiting.IsAddingCompleted)
        {
            _waiting.CompleteAdding();
            _thread.Join();
        }
    }

    private void Run()
    {
        foreach (var work in _waiting.GetConsumingEnumerable())
        {
            work();
        }
    }
}
