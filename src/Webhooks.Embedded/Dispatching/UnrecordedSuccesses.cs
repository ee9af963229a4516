using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Successes that wait for their commit while their places make the next attempts: a busy webhook must not stand still while the disk is waited for.
/// How many there may be bounds, with the attempts under way, what is sent twice when the node dies.
/// </summary>
internal sealed partial class UnrecordedSuccesses(IOptions<WebhooksOptions> options, ILogger<UnrecordedSuccesses> logger)
{
    /// <summary>How many a webhook may have, as a multiple of its places: as many as it gets done while a usual commit runs.</summary>
    public const int PerPlace = 4;

    private readonly int _most = options.Value.Concurrency;
    private readonly int _mostPerWebhook = PerPlace * Math.Min(options.Value.ConcurrencyPerWebhook, options.Value.Concurrency);
    private readonly ILogger _logger = logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _ofWebhook = [];
    private int _count;
    private TaskCompletionSource? _none;

    /// <summary>Watches a recording, so that the place of its attempt need not wait for it. False where too many are watched already; then the place waits.</summary>
    /// <param name="webhookId">To whom was sent.</param>
    /// <param name="recording">Ends when the outcome is durable, or given up.</param>
    public bool TryWatch(long webhookId, Task recording)
    {
        lock (_gate)
        {
            var ofWebhook = _ofWebhook.GetValueOrDefault(webhookId);
            if (_count >= _most || ofWebhook >= _mostPerWebhook)
            {
                return false;
            }

            _count++;
            _ofWebhook[webhookId] = ofWebhook + 1;
        }

        _ = WatchAsync(webhookId, recording);
        return true;
    }

    /// <summary>Completes when none is watched.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _none.Task;
        }
    }

    private async Task WatchAsync(long webhookId, Task recording)
    {
        try
        {
            await recording;
        }
        catch (Exception exception)
        {
            // The writer turns what fails into outcomes that are given up; this is a fault of ours. The lease ends, and it is tried again.
            LogRecordingFailed(exception, webhookId);
        }
        finally
        {
            End(webhookId);
        }
    }

    private void End(long webhookId)
    {
        lock (_gate)
        {
            if (--_ofWebhook[webhookId] == 0)
            {
                _ofWebhook.Remove(webhookId);
            }

            if (--_count == 0)
            {
                _none?.TrySetResult();
                _none = null;
            }
        }
    }

    [LoggerMessage(2005, LogLevel.Error, "A success of webhook {WebhookId} could not be recorded; the attempt is made again when its lease has ended", EventName = "SuccessNotRecorded")]
    private partial void LogRecordingFailed(Exception exception, long webhookId);
}
