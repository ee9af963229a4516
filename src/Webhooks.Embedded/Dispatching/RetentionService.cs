using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Deletes once a minute what is finished and older than the options keep it, and once an hour URLs that nothing names any more.</summary>
internal sealed partial class RetentionService(
    RetentionRepository retention,
    FormerUrlRepository formerUrls,
    RollUpRepository rollUps,
    StoreClock clock,
    LiveOptions options,
    ILogger<RetentionService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooksForUrls = TimeSpan.FromHours(1);
    private static readonly TimeSpan FiguresByMinute = TimeSpan.FromHours(48);
    private static readonly TimeSpan FiguresByHour = TimeSpan.FromDays(90);

    private readonly ILogger _logger = logger;
    private long _nextLookForUrls;

    /// <summary>Deletes what is due to be deleted, batch by batch, for 5 seconds, and a batch of each kind whatever the others took.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var kept = options.Current.Retention;
        var started = clock.TimeProvider.GetTimestamp();
        var now = clock.Now;

        if (kept.Log > TimeSpan.Zero)
        {
            var before = now - (long)kept.Log.TotalMilliseconds;
            await InBatchesAsync(token => retention.DeleteDeliveriesAsync(before, token));
            await InBatchesAsync(token => retention.DeleteEventsAsync(before, token));
            await retention.DeleteOperationsAsync(before, cancellationToken);
        }

        if (kept.Payload > TimeSpan.Zero)
        {
            var before = now - (long)kept.Payload.TotalMilliseconds;
            await InBatchesAsync(token => retention.ErasePayloadsAsync(before, token));
        }

        await retention.DeleteExpiredSecretsAsync(cancellationToken);
        var (minutesBefore, hoursBefore) = (now - (long)FiguresByMinute.TotalMilliseconds, now - (long)FiguresByHour.TotalMilliseconds);
        await InBatchesAsync(token => rollUps.DeleteAsync(RollUpRepository.Minutes, minutesBefore, token));
        await InBatchesAsync(token => rollUps.DeleteAsync(RollUpRepository.Hours, hoursBefore, token));

        // Last, and now and then: a look may have to pass over much that waits, and nothing else depends on it.
        if (kept.Log > TimeSpan.Zero && now >= _nextLookForUrls)
        {
            await formerUrls.DeleteAsync(now - (long)kept.Log.TotalMilliseconds, cancellationToken);
            _nextLookForUrls = now + (long)BetweenLooksForUrls.TotalMilliseconds;
        }

        async Task InBatchesAsync(Func<CancellationToken, Task<int>> batch)
        {
            while (await batch(cancellationToken) > 0 && clock.TimeProvider.GetElapsedTime(started) < Budget)
            {
                // The next batch: there may be more.
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryRunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    private async Task TryRunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunOnceAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // What could not be deleted now is deleted a minute later; an exception here would stop the host.
            LogRetentionFailed(exception);
        }
    }

    [LoggerMessage(2501, LogLevel.Warning, "Retention failed; it is tried again in a minute", EventName = "RetentionFailed")]
    private partial void LogRetentionFailed(Exception exception);
}
