using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// Writes what the <see cref="StoreWriter"/> took as one transaction, hands over what it stored, and tells everybody. Where that fails, it
/// finds out for whom: a store that is away concerns all, a payload that cannot be stored only its publisher.
/// </summary>
internal sealed partial class BatchWriter(
    WebhookDatabase database, StoreClock clock, IHandover handover, RollUps rollUps, TimeSpan leaseDuration, WebhookMetrics metrics, ILogger logger)
{
    private const int Tries = 3;
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromMilliseconds(50);

    private readonly FreshDeliveries _fresh = new(handover, clock, leaseDuration);
    private readonly ILogger _logger = logger;

    private readonly HealthLedger _health = new(clock.TimeProvider);

    // Why the store is away, as it was said last. It is said once, and again where the reason is another: outcomes that wait are tried twice a second.
    private string? _awayBecause;

    /// <summary>When a batch is to be written although nothing waits for it; null where there is no need.</summary>
    public TimeSpan? NextIn => _health.NextIn;

    /// <summary>Writes as one batch; where that fails for the sake of one item, in parts, so that only the culprit fails.</summary>
    /// <param name="writes">Each is told what became of it, but for those in <paramref name="unrecorded"/>.</param>
    /// <param name="unrecorded">Gets the outcomes that could not be recorded, and may be later: their leases may still hold.</param>
    /// <param name="isLast">Whether no batch comes after this one.</param>
    public async Task WriteAsync(List<WaitingWrite> writes, List<WaitingWrite> unrecorded, bool isLast = false)
    {
        var batch = new StoreBatch();
        foreach (var write in writes)
        {
            if (write.Event is not null)
            {
                batch.Events.Add(write.Event);
            }
            else if (write.Record is not null)
            {
                batch.Records.Add(write.Record);
            }
        }

        var failure = await TryWriteAsync(batch, isLast);
        if (failure is null)
        {
            writes.ForEach(write => write.Done.TrySetResult());
        }
        else if (writes.Count > 1 && (!database.IsTransient(failure) || database.Dialect.IsBlocked(failure)))
        {
            foreach (var part in Split(writes, database.Dialect.IsBlocked(failure)))
            {
                await WriteAsync(part, unrecorded, isLast);
            }
        }
        else
        {
            Fail(writes, failure, unrecorded);
        }
    }

    /// <summary>
    /// In halves. Where something was blocked, events with an idempotency key go each by itself: an open transaction that has published with the
    /// same key keeps them waiting, and nobody else is to wait with them.
    /// </summary>
    private static IEnumerable<List<WaitingWrite>> Split(List<WaitingWrite> writes, bool isBlocked)
    {
        var keyed = writes.ToLookup(write => write.Event?.IdempotencyKey is not null);
        return isBlocked && keyed.Contains(true)
            ? [[.. keyed[false]], .. keyed[true].Select(write => new List<WaitingWrite> { write })]
            : [writes[..(writes.Count / 2)], writes[(writes.Count / 2)..]];
    }

    private async Task<Exception?> TryWriteAsync(StoreBatch batch, bool isLast)
    {
        for (var attempt = 1; ; attempt++)
        {
            _fresh.Reserve(batch);
            _health.Plan(batch, isLast);
            if (batch.IsEmpty)
            {
                return null;
            }

            try
            {
                await database.EnsureReadyAsync(CancellationToken.None);
                await database.Dialect.WriteAsync(batch, CancellationToken.None);
            }
            catch (Exception exception)
            {
                // Whatever the driver throws: the callers are told, or the batch is tried again, which finds what a commit stored whose answer was lost.
                _fresh.Cancel(batch);
                if (attempt == Tries || batch.IsForNobody || !database.IsTransient(exception) || database.Dialect.IsBlocked(exception))
                {
                    return exception;
                }

                batch.MayBeStored = true;
                await Task.Delay(PauseBetweenTries * attempt, clock.TimeProvider);
                continue;
            }

            // Durable from here on. If the process dies before the hand-over, the leases end and any node claims the deliveries.
            Count(batch);
            Announce(batch);
            return null;
        }
    }

    /// <summary>Tells each attempt how its webhook does.</summary>
    private void Count(StoreBatch batch)
    {
        _health.Counted(batch);
        if (batch.Unwell.Count > 0)
        {
            var unwell = batch.Unwell.ToDictionary(counters => counters.WebhookId);
            foreach (var record in batch.Records.Where(record => record.Attempt is not null))
            {
                record.Counters = unwell.GetValueOrDefault(record.Delivery.WebhookId);
            }
        }
    }

    /// <summary>Tells the dispatcher and whoever watches. What is stored is stored, whatever happens here.</summary>
    private void Announce(StoreBatch batch)
    {
        try
        {
            _fresh.HandOver(batch);
            metrics.BatchWritten(batch.Events.Count + batch.Records.Count);
            rollUps.Add(batch.Records, batch.Now);

            var lost = batch.Records.Count(record => !record.LeaseHeld);
            if (lost > 0)
            {
                LogLeasesLost(lost);
                metrics.LeasesLost(lost);
            }

            foreach (var newEvent in batch.Events.Where(newEvent => newEvent.Result == NewEventResult.Stored))
            {
                metrics.EventPublished(newEvent.Trigger);
            }

            if (_awayBecause is not null)
            {
                _awayBecause = null;
                LogWritesResumed(database.Dialect.Location);
            }
        }
        catch (Exception exception)
        {
            // A listener of the metrics may throw. The loop must go on, and nobody is to be told that what is stored has failed.
            LogAnnouncementFailed(exception);
        }
    }

    /// <summary>Tells the publishers, and keeps the outcomes for the next try as long as their leases may hold.</summary>
    private void Fail(List<WaitingWrite> writes, Exception failure, List<WaitingWrite> unrecorded)
    {
        var isTransient = database.IsTransient(failure);
        var isAway = isTransient && !database.Dialect.IsBlocked(failure);
        if (!isAway || failure.Message != _awayBecause)
        {
            LogWriteFailed(
                failure, database.Dialect.Location, writes.Count(write => write.Event is not null), writes.Count(write => write.Record is not null));
        }

        _awayBecause = isAway ? failure.Message : _awayBecause;

        var lost = new List<WaitingWrite>();
        foreach (var write in writes)
        {
            if (write.Record is { } record)
            {
                var mayHold = clock.TimeProvider.GetElapsedTime(record.Delivery.ClaimedTimestamp) < leaseDuration;
                (isTransient && mayHold ? unrecorded : lost).Add(write);
            }
            else if (write.Event is not null)
            {
                var reason = database.Dialect.IsBlocked(failure)
                    ? "an open transaction holds what it needs, most likely one that published with the same idempotency key."
                    : failure.Message;
                write.Done.TrySetException(failure as WebhookStoreException ?? new WebhookStoreException(
                    $"The event could not be stored in {database.Dialect.Location}: {reason}", failure, isTransient));
            }
            else
            {
                write.Done.TrySetResult();
            }
        }

        GiveUp(lost);
    }

    /// <summary>Tells that these outcomes will not be recorded.</summary>
    public void GiveUp(List<WaitingWrite> writes)
    {
        foreach (var write in writes)
        {
            LogOutcomeGivenUp(write.Record!.Delivery.Id, write.Record.Step);
            write.Done.TrySetResult();
        }
    }

    [LoggerMessage(3101, LogLevel.Error, "A batch could not be written to {Location}: {Events} events, {Outcomes} outcomes, and what they say of their webhooks", EventName = "WriteFailed")]
    private partial void LogWriteFailed(Exception exception, string location, int events, int outcomes);

    [LoggerMessage(3102, LogLevel.Warning, "{Count} outcomes came too late: the leases had ended, and the deliveries are attempted again", EventName = "LeasesLost")]
    private partial void LogLeasesLost(int count);

    [LoggerMessage(3103, LogLevel.Warning, "The outcome of delivery {DeliveryId} ({Step}) could not be recorded before its lease ended; it is attempted again", EventName = "OutcomeGivenUp")]
    private partial void LogOutcomeGivenUp(long deliveryId, DeliveryStep step);

    [LoggerMessage(3104, LogLevel.Error, "A batch was stored, but not all could be told of it; what was not handed over is attempted when its lease has ended", EventName = "AnnouncementFailed")]
    private partial void LogAnnouncementFailed(Exception exception);

    [LoggerMessage(3105, LogLevel.Information, "{Location} takes what is written again", EventName = "WritesResumed")]
    private partial void LogWritesResumed(string location);
}
