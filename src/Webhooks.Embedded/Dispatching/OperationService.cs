using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Runs operations as long as the host does. Those that were started here it knows of at once; of those of other nodes that stopped, claims tell.</summary>
internal sealed partial class OperationService(
    OperationRunner runner, OperationSignal signal, StoreClock clock, ILogger<OperationService> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await runner.ReleaseAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // The store is away, or the host's time is over: the leases end by themselves.
            LogNotReleased(exception);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitUntilAsync(await TryRunAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The host is stopping.
            }
        }
    }

    private async Task<long?> TryRunAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await runner.RunOnceAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The store may be away, and is looked for again; an exception here would stop the host.
            LogNotRun(exception);

            // Claims may tell of what is due many times a second: not to be woken by them, it does not wait for the signal.
            await Task.Delay(PauseAfterFailure, clock.TimeProvider, stoppingToken);
            return clock.Now;
        }
    }

    [LoggerMessage(2411, LogLevel.Warning, "Operations could not be looked for; it is tried again in a second", EventName = "OperationsNotRun")]
    private partial void LogNotRun(Exception exception);

    [LoggerMessage(2412, LogLevel.Warning, "Operations could not be given back; other nodes go on with them when their leases have ended", EventName = "OperationsNotReleased")]
    private partial void LogNotReleased(Exception exception);
}
