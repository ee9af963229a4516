using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Adds what this node has counted to the stored figures, every few seconds and at the stop.</summary>
internal sealed partial class RollUpService(RollUps rollUps, RollUpRepository stored, StoreClock clock, ILogger<RollUpService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;

    /// <summary>Adds what was counted. What cannot be stored is kept for the next time.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var counts = rollUps.Take();
        if (counts.Count == 0)
        {
            return;
        }

        try
        {
            await stored.AddAsync(counts, cancellationToken);
        }
        catch (Exception exception)
        {
            // Where only the answer to the commit was lost, these are counted twice; they are figures.
            rollUps.Return(counts);
            LogNotStored(exception);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // The dispatcher has stopped by now: it was started later. What it recorded last is counted.
        await FlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Not to be broken off when the host stops: of a commit that is cancelled nobody knows whether it has counted.
                await FlushAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    [LoggerMessage(2301, LogLevel.Warning, "Figures of the overview could not be stored; they are kept for the next time", EventName = "RollUpsNotStored")]
    private partial void LogNotStored(Exception exception);
}
