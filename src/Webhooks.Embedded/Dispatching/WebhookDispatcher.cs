using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// Runs the attempts of this node. Fresh deliveries are handed over by the writer; whatever else is due (retries, what other nodes left
/// behind, what did not fit) is claimed here when there is room.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookDatabase database,
    WebhookDirectory webhooks,
    WebhookBreakers breakers,
    WebhookTurns turns,
    DeliveryBuffer buffer,
    DispatchSignal signal,
    OperationSignal operations,
    AttemptRunner runner,
    UnrecordedSuccesses successes,
    StoreWriter writer,
    StoreClock clock,
    LiveOptions options,
    ILogger<WebhookDispatcher> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(500);

    // A store that is there again is found within five seconds, and a node that waits for it asks less than once a second.
    private static readonly TimeSpan MaxPauseAfterFailure = TimeSpan.FromSeconds(4);

    private readonly ILogger _logger = logger;
    private readonly long _leaseDuration = (long)options.Current.LeaseDuration.TotalMilliseconds;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly WorkersUnderWay _workers = new();
    private Task _claiming = Task.CompletedTask;
    private long _lastWebhookId;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.EnsureReadyAsync(cancellationToken);
        await webhooks.GetAsync(cancellationToken);
        buffer.Open(() => _workers.Start(WorkAsync));
        _claiming = Task.Run(ClaimLoopAsync, CancellationToken.None);
    }

    /// <summary>
    /// Claims nothing more, gives back what was not begun, and lets what is under way finish. When the host's time is over, it is aborted
    /// and recorded as interrupted. If even that fails, the leases end by themselves.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource();
        await using var timeIsOver = cancellationToken.Register(() =>
        {
            _aborting.Cancel();
            late.CancelAfter(AttemptRunner.TimeToRecord);
        });
        await _stopping.CancelAsync();
        await _claiming;
        buffer.Close();
        try
        {
            await FinishAsync().WaitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            // The store is away. The writer tries until the leases end, which is not for the host to wait for.
            LogLeftToTheLeases(database.Dialect.Location);
        }
    }

    public void Dispose()
    {
        // When another service of the host fails to start, nobody calls StopAsync; what runs must end all the same.
        buffer.Close();
        _stopping.Cancel();
        _aborting.Cancel();
        _stopping.Dispose();
        _aborting.Dispose();
    }

    /// <summary>Claims once what is due, as far as there is room. Returns when the next look is worth while.</summary>
    internal async Task<long> ClaimOnceAsync(CancellationToken cancellationToken)
    {
        // The timestamp comes first: measured by it, a lease never seems to last longer than it does.
        var claimedTimestamp = clock.TimeProvider.GetTimestamp();
        var now = clock.Now;
        var pollAt = now + (long)options.Current.PollInterval.TotalMilliseconds;
        await ReleaseExpiredAsync();
        var plan = buffer.PlanClaim(webhooks.Current);
        if (plan.Max == 0)
        {
            // However long receivers hang, what other nodes change about webhooks is to be known here.
            await webhooks.RefreshAsync(cancellationToken);
            return pollAt;
        }

        var request = new ClaimRequest(plan.Max, plan.MaxPerWebhook, _lastWebhookId, plan.RoomOf, now, now + _leaseDuration, claimedTimestamp);
        var begun = breakers.BeginRead();
        var result = await database.Dialect.ClaimAsync(request, cancellationToken);
        breakers.Read(result.Breakers, begun);
        _lastWebhookId = result.LastWebhookId;
        clock.Follow(result.Clock);
        webhooks.Expect(result.CatalogueVersion);
        operations.Expect(result.OperationDueAt);

        // Not to be cancelled: what is claimed must reach the buffer, or a host that stops here could not give it back.
        await webhooks.GetAsync(CancellationToken.None);

        buffer.Claimed(plan, result.Deliveries);
        foreach (var delivery in await turns.TakeAsync(result.Deliveries, request.LeaseEnd))
        {
            buffer.Add(delivery);
        }

        return Math.Min(pollAt, result.NextDueAt ?? long.MaxValue);
    }

    /// <summary>Gives back what has waited too long to be sent while its lease holds: other nodes may have room for it.</summary>
    private async Task ReleaseExpiredAsync()
    {
        var expired = buffer.TakeExpired(runner.LongestWait);
        if (expired.Count > 0)
        {
            // Checkpoint: nothing was sent. If the process dies here, the leases end by themselves.
            await runner.ReleaseAsync(expired);
        }
    }

    private async Task ClaimLoopAsync()
    {
        var pause = PauseAfterFailure;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                signal.Reset();
                signal.WakeAt(await ClaimOnceAsync(_stopping.Token));
                if (pause > PauseAfterFailure)
                {
                    pause = PauseAfterFailure;
                    LogClaimsResumed(database.Dialect.Location);
                }

                await signal.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The host is stopping.
            }
            catch (Exception exception)
            {
                // Whatever it is, the loop goes on: the store may be away, and must be found again without a restart.
                if (pause == PauseAfterFailure)
                {
                    LogClaimFailed(exception, database.Dialect.Location);
                }

                // Nodes that lost the store together do not come back in step.
                await PauseAsync(pause * (0.75 + (0.25 * Random.Shared.NextDouble())));
                pause = pause * 2 > MaxPauseAfterFailure ? MaxPauseAfterFailure : pause * 2;
            }
        }
    }

    private async Task FinishAsync()
    {
        // What the writer is about to hand over comes in first, so that it is given back too.
        await writer.FlushAsync(CancellationToken.None);
        await runner.ReleaseAsync(buffer.TakeUnsent());
        await _workers.WhenNone();
        await successes.WhenNone();
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, clock.TimeProvider, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }
    }

    /// <summary>Makes attempts as long as there are any. Lanes that become ready meanwhile are taken by this worker or by a new one.</summary>
    private async Task WorkAsync()
    {
        while (buffer.TryTake(out var begun))
        {
            try
            {
                await runner.RunAsync(begun.Delivery, _aborting.Token);
            }
            catch (Exception exception)
            {
                // The runner turns what fails into outcomes; this is a fault of ours. The lease ends, and it is tried and counted again.
                LogWorkerFailed(exception, begun.Delivery.Id);
            }
            finally
            {
                buffer.Done(begun);
            }
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "Due deliveries could not be claimed from {Location}; trying again until it works", EventName = "ClaimFailed")]
    private partial void LogClaimFailed(Exception exception, string location);

    [LoggerMessage(2002, LogLevel.Information, "Due deliveries can be claimed from {Location} again", EventName = "ClaimsResumed")]
    private partial void LogClaimsResumed(string location);

    [LoggerMessage(2003, LogLevel.Error, "The attempt of delivery {DeliveryId} failed; it is made again when its lease has ended", EventName = "WorkerFailed")]
    private partial void LogWorkerFailed(Exception exception, long deliveryId);

    [LoggerMessage(2004, LogLevel.Warning, "The host's time for stopping is over, and not all could be recorded in {Location}; what is missing is attempted again when its leases have ended", EventName = "LeftToTheLeases")]
    private partial void LogLeftToTheLeases(string location);
}
