using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Looks at the start and once a minute for deliveries that wait for a secret to be readable: those that this node can read go on, and those that no node
/// has taken for a minute are parked.
/// </summary>
internal sealed partial class UnreadableService(
    UnreadableRepository deliveries,
    UnreadableWebhooks unreadable,
    WebhookDirectory webhooks,
    DispatchSignal signal,
    StoreClock clock,
    ILogger<UnreadableService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly long DueSoonMs = (long)UnreadableWebhooks.Pause.TotalMilliseconds;

    private readonly ILogger _logger = logger;

    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // The directory may be older than a rotation that has mended it on another node, then it is seen in a minute.
        var known = await webhooks.GetAsync(cancellationToken);
        foreach (var webhookId in await deliveries.ParkedAsync(cancellationToken))
        {
            if (known.Find(webhookId) is { Enabled: true, IsReadable: true } && await deliveries.UnparkAsync(webhookId, cancellationToken) is > 0 and var count)
            {
                LogReadableAgain(count, webhookId);
                signal.Wake();
            }
        }

        foreach (var (webhookId, since) in unreadable.Met)
        {
            if (known.Find(webhookId) is not { Enabled: true, IsReadable: false })
            {
                unreadable.Forget(webhookId);
            }
            else if (clock.Now - since >= UnreadableWebhooks.Grace.TotalMilliseconds)
            {
                await ParkAsync(webhookId, since, cancellationToken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.TimeProvider);
        try
        {
            do
            {
                await TryRunAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    private async Task ParkAsync(long webhookId, long since, CancellationToken cancellationToken)
    {
        var parked = 0;
        int? batch;
        while ((batch = await deliveries.ParkAsync(webhookId, since, clock.Now + DueSoonMs, AttemptSigner.Unreadable, cancellationToken)) > 0)
        {
            parked += batch.Value;
        }

        // Whichever it was, the next delivery that is met has its minute again.
        unreadable.Forget(webhookId);
        if (parked > 0)
        {
            LogParked(parked, webhookId);
        }
        else if (batch is null)
        {
            LogReadElsewhere(webhookId);
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
            // The store may be away; what waits waits a minute longer. An exception here would stop the host.
            LogNotLookedFor(exception);
        }
    }

    [LoggerMessage(3304, LogLevel.Information, "{Count} deliveries to webhook {WebhookId} go on, because its secret can be read again", EventName = "SecretReadableAgain")]
    private partial void LogReadableAgain(int count, long webhookId);

    [LoggerMessage(3305, LogLevel.Error, "{Count} deliveries to webhook {WebhookId} are parked: no node could read its secret or its headers for a minute. They go on when the keys are back", EventName = "SecretUnreadableParked")]
    private partial void LogParked(int count, long webhookId);

    [LoggerMessage(3306, LogLevel.Warning, "This node cannot read the secret of webhook {WebhookId}, and another one can. Let all nodes share their keys", EventName = "SecretReadElsewhere")]
    private partial void LogReadElsewhere(long webhookId);

    [LoggerMessage(3307, LogLevel.Warning, "Deliveries that wait for a readable secret could not be looked for; it is tried again in a minute", EventName = "UnreadableNotLookedFor")]
    private partial void LogNotLookedFor(Exception exception);
}
