using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Runs operations as long as the host does. Those that were started here it knows of; those of other nodes it finds by looking.</summary>
internal sealed partial class OperationService(
    OperationRunner runner, OperationSignal signal, StoreClock clock, LiveOptions options, ILogger<OperationService> logger) : BackgroundService
{
    private const long PauseAfterFailureMs = 1000;

    // What is started here is known at once. For those of other nodes that stopped a look now and then is enough: an idle node asks the store once a second.
    private const int PollsBetweenLooks = 10;

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
                var next = await TryRunAsync(stoppingToken);
                var lookAt = clock.Now + (PollsBetweenLooks * (long)options.Current.PollInterval.TotalMilliseconds);
                await signal.WaitUntilAsync(Math.Min(next ?? lookAt, lookAt), stoppingToken);
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
            return clock.Now + PauseAfterFailureMs;
        }
    }

    [LoggerMessage(2411, LogLevel.Warning, "Operations could not be looked for; it is tried again in a second", EventName = "OperationsNotRun")]
    private partial void LogNotRun(Exception exception);

    [LoggerMessage(2412, LogLevel.Warning, "Operations could not be given back; other nodes go on with them when their leases have ended", EventName = "OperationsNotReleased")]
    private partial void LogNotReleased(Exception exception);
}
