using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// The one writer loop of a node. Whatever waits, published events and finished attempts alike, goes into one transaction; what comes
/// meanwhile makes up the next one. No timer is needed: the busier the node, the larger the batches, and a lone event waits for nothing.
/// </summary>
internal sealed partial class StoreWriter : IAsyncDisposable
{
    private const int MaxItems = 512;
    private const int MaxPayloadBytes = 16 * 1024 * 1024;
    private const int MaxWaiting = 8192;
    private const int Tries = 3;
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseWithoutStore = TimeSpan.FromMilliseconds(500);

    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly IHandover _handover;
    private readonly WebhookMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeSpan _leaseDuration;
    private readonly Channel<WaitingWrite> _waiting;
    private readonly Task _loop;

    // Outcomes that could not be recorded yet. They are kept until their leases end; then another attempt will tell.
    private readonly List<WaitingWrite> _unrecorded = [];

    public StoreWriter(
        WebhookDatabase database,
        StoreClock clock,
        IHandover handover,
        IOptions<WebhooksOptions> options,
        WebhookMetrics metrics,
        ILogger<StoreWriter> logger)
    {
        _database = database;
        _clock = clock;
        _handover = handover;
        _metrics = metrics;
        _logger = logger;
        _leaseDuration = options.Value.LeaseDuration;
        _waiting = Channel.CreateBounded<WaitingWrite>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Stores an event and its deliveries. When this returns, <see cref="NewEvent.Result"/> says what became of it, durably.</summary>
    public async Task WriteAsync(NewEvent newEvent, CancellationToken cancellationToken)
    {
        var write = new WaitingWrite(newEvent);
        await EnqueueAsync(write, cancellationToken);
        await write.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Records what came of a delivery. When this returns, it is durable, or given up because the lease has ended. If the process dies
    /// before, the lease ends, the attempt is shown as interrupted, and another one is made.
    /// </summary>
    public async Task RecordAsync(DeliveryRecord record)
    {
        var write = new WaitingWrite(record);
        await EnqueueAsync(write, CancellationToken.None);
        await write.Done.Task;
    }

    /// <summary>Returns when everything that was taken before is durable, or given up.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var write = new WaitingWrite();
        await EnqueueAsync(write, cancellationToken);
        await write.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what was taken and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async ValueTask EnqueueAsync(WaitingWrite write, CancellationToken cancellationToken)
    {
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // Said in the caller's words: the writer is stopped with the host, and takes nothing more.
            throw new WebhookStoreException("The host is stopping: webhooks takes no more events. Nothing was stored.");
        }
    }

    private async Task RunAsync()
    {
        var writes = new List<WaitingWrite>(MaxItems);
        while (await WaitAsync())
        {
            Take(writes);
            await WriteAsync(writes);
            writes.Clear();
        }
    }

    /// <summary>Waits until there is something to write; false when nothing will come any more.</summary>
    private async Task<bool> WaitAsync()
    {
        if (_unrecorded.Count == 0)
        {
            return await _waiting.Reader.WaitToReadAsync();
        }

        if (_waiting.Reader.Completion.IsCompleted)
        {
            // The host is stopping and the store is away: what is left is given up here, and said.
            GiveUp(_unrecorded);
            _unrecorded.Clear();
            return false;
        }

        using var pause = new CancellationTokenSource(PauseWithoutStore, _clock.TimeProvider);
        try
        {
            await _waiting.Reader.WaitToReadAsync(pause.Token);
        }
        catch (OperationCanceledException)
        {
            // The pause is over: time to try again with what could not be recorded.
        }

        return true;
    }

    private void Take(List<WaitingWrite> writes)
    {
        writes.AddRange(_unrecorded);
        _unrecorded.Clear();

        // However many wait for the store to come back, publishers must hear that it is away, and the host must be able to stop.
        var limit = writes.Count + MaxItems;
        var payloadBytes = 0;
        while (writes.Count < limit && payloadBytes < MaxPayloadBytes && _waiting.Reader.TryRead(out var write))
        {
            writes.Add(write);
            payloadBytes += write.Event?.Payload.Length ?? 0;
        }
    }

    /// <summary>Writes as one batch; where that fails for the sake of one item, in halves, so that only the culprit fails.</summary>
    private async Task WriteAsync(List<WaitingWrite> writes)
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

        var failure = batch.Count == 0 ? null : await TryWriteAsync(batch);
        if (failure is null)
        {
            writes.ForEach(write => write.Done.TrySetResult());
        }
        else if (writes.Count > 1 && !_database.Dialect.IsTransient(failure))
        {
            await WriteAsync(writes[..(writes.Count / 2)]);
            await WriteAsync(writes[(writes.Count / 2)..]);
        }
        else
        {
            Fail(writes, failure);
        }
    }

    private async Task<Exception?> TryWriteAsync(StoreBatch batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            var claimedTimestamp = Reserve(batch);
            try
            {
                await _database.EnsureReadyAsync(CancellationToken.None);
                await _database.Dialect.WriteAsync(batch, CancellationToken.None);
            }
            catch (Exception exception)
            {
                // Whatever the driver throws, nothing was stored; the callers are told, or the batch is tried again.
                CancelReservations(batch);
                if (attempt == Tries || !_database.Dialect.IsTransient(exception))
                {
                    return exception;
                }

                await Task.Delay(PauseBetweenTries * attempt, _clock.TimeProvider);
                continue;
            }

            // Durable from here on. If the process dies before the hand-over, the leases end and any node claims the deliveries.
            try
            {
                Handover(batch, claimedTimestamp);
            }
            catch (Exception exception)
            {
                // What is stored is not to be told as failed, and this loop must go on: the leases end, and the rest is claimed.
                LogHandoverFailed(exception);
            }

            return null;
        }
    }

    /// <summary>Leases as many fresh deliveries as the dispatcher has room for.</summary>
    private long Reserve(StoreBatch batch)
    {
        // The timestamp comes first: measured by it, a lease never seems to last longer than it does.
        var claimedTimestamp = _clock.TimeProvider.GetTimestamp();
        batch.Now = _clock.Now;
        batch.LeaseEnd = batch.Now + (long)_leaseDuration.TotalMilliseconds;
        foreach (var newEvent in batch.Events)
        {
            foreach (var delivery in newEvent.Deliveries)
            {
                delivery.Leased = _handover.TryReserve(delivery.WebhookId, newEvent.Payload.Length);
            }
        }

        return claimedTimestamp;
    }

    private void CancelReservations(StoreBatch batch) => batch.Events.ForEach(CancelReservations);

    private void CancelReservations(NewEvent newEvent)
    {
        foreach (var delivery in newEvent.Deliveries.Where(delivery => delivery.Leased))
        {
            _handover.Cancel(delivery.WebhookId, newEvent.Payload.Length);
            delivery.Leased = false;
        }
    }

    private void Handover(StoreBatch batch, long claimedTimestamp)
    {
        var nextDueAt = long.MaxValue;
        foreach (var newEvent in batch.Events)
        {
            if (newEvent.Result != NewEventResult.Stored)
            {
                CancelReservations(newEvent);
                continue;
            }

            foreach (var delivery in newEvent.Deliveries)
            {
                if (delivery.Leased)
                {
                    _handover.Accept(Lease(newEvent, delivery, batch.Now, claimedTimestamp));
                }
                else
                {
                    nextDueAt = batch.Now;
                }
            }
        }

        var lost = 0;
        foreach (var record in batch.Records)
        {
            if (!record.LeaseHeld)
            {
                lost++;
            }
            else if (record.Step is DeliveryStep.Retry or DeliveryStep.Release)
            {
                nextDueAt = Math.Min(nextDueAt, record.At);
            }
        }

        if (lost > 0)
        {
            _metrics.LeasesLost(lost);
            LogLeasesLost(lost);
        }

        if (nextDueAt != long.MaxValue)
        {
            _handover.NotifyDue(nextDueAt);
        }

        // Last, because whoever listens may throw.
        foreach (var newEvent in batch.Events.Where(newEvent => newEvent.Result == NewEventResult.Stored))
        {
            _metrics.EventPublished(newEvent.Trigger);
        }
    }

    private static LeasedDelivery Lease(NewEvent newEvent, NewDelivery delivery, long createdAt, long claimedTimestamp) => new()
    {
        Id = delivery.Id,
        EventId = newEvent.Id,
        EventUid = newEvent.Uid,
        Trigger = newEvent.Trigger,
        Payload = newEvent.Payload,
        WebhookId = delivery.WebhookId,
        CreatedAt = createdAt,
        LeaseSequence = 1,
        Claims = 1,
        Attempts = 0,
        ClaimedTimestamp = claimedTimestamp,
    };

    /// <summary>Tells the publishers, and keeps the outcomes for the next try as long as their leases may hold.</summary>
    private void Fail(List<WaitingWrite> writes, Exception failure)
    {
        var isTransient = _database.Dialect.IsTransient(failure);
        LogWriteFailed(failure, writes.Count, _database.Dialect.Location);

        var lost = new List<WaitingWrite>();
        foreach (var write in writes)
        {
            if (write.Record is { } record)
            {
                var mayHold = _clock.TimeProvider.GetElapsedTime(record.Delivery.ClaimedTimestamp) < _leaseDuration;
                (isTransient && mayHold ? _unrecorded : lost).Add(write);
            }
            else if (write.Event is not null)
            {
                write.Done.TrySetException(failure as WebhookStoreException ?? new WebhookStoreException(
                    $"The event could not be stored in {_database.Dialect.Location}: {failure.Message}", failure, isTransient));
            }
            else
            {
                write.Done.TrySetResult();
            }
        }

        GiveUp(lost);
    }

    private void GiveUp(List<WaitingWrite> writes)
    {
        foreach (var write in writes)
        {
            LogOutcomeGivenUp(write.Record!.Delivery.Id, write.Record.Step);
            write.Done.TrySetResult();
        }
    }

    /// <summary>An event, an outcome, or neither: then the caller only waits for those before it.</summary>
    private sealed class WaitingWrite
    {
        public WaitingWrite()
        {
        }

        public WaitingWrite(NewEvent newEvent) => Event = newEvent;

        public WaitingWrite(DeliveryRecord record) => Record = record;

        public NewEvent? Event { get; }

        public DeliveryRecord? Record { get; }

        /// <summary>What the caller waits for. Its continuation must not run in the loop.</summary>
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(3101, LogLevel.Error, "A batch of {Count} writes to {Location} failed", EventName = "WriteFailed")]
    private partial void LogWriteFailed(Exception exception, int count, string location);

    [LoggerMessage(3102, LogLevel.Warning, "{Count} outcomes came too late: the leases had ended, and the deliveries are attempted again", EventName = "LeasesLost")]
    private partial void LogLeasesLost(int count);

    [LoggerMessage(3104, LogLevel.Error, "A batch was stored, but not all of it could be handed over; the rest is attempted when its leases have ended", EventName = "HandoverFailed")]
    private partial void LogHandoverFailed(Exception exception);

    [LoggerMessage(3103, LogLevel.Warning, "The outcome of delivery {DeliveryId} ({Step}) could not be recorded before its lease ended; it is attempted again", EventName = "OutcomeGivenUp")]
    private partial void LogOutcomeGivenUp(long deliveryId, DeliveryStep step);
}
