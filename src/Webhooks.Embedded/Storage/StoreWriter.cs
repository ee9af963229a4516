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

    // An event may be for thousands of webhooks. A transaction must end long before its time is over, or nothing would ever be stored.
    private const int MaxDeliveries = 16 * 1024;
    private const int MaxWaiting = 8192;
    private const int Tries = 3;
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseWithoutStore = TimeSpan.FromMilliseconds(500);

    private readonly WebhookDatabase _database;
    private readonly StoreClock _clock;
    private readonly FreshDeliveries _fresh;
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
        _metrics = metrics;
        _logger = logger;
        _leaseDuration = options.Value.LeaseDuration;
        _fresh = new FreshDeliveries(handover, clock, _leaseDuration);
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
            try
            {
                await WriteAsync(writes);
            }
            catch (Exception exception)
            {
                // A logger may throw. The loop must go on, and nobody is to wait for ever.
                var failure = new WebhookStoreException($"What became of the write is not known: {exception.Message}", exception, isTransient: true);
                writes.ForEach(write => write.Done.TrySetException(failure));
            }

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
        var deliveries = 0;
        while (writes.Count < limit && payloadBytes < MaxPayloadBytes && deliveries < MaxDeliveries && _waiting.Reader.TryRead(out var write))
        {
            writes.Add(write);
            payloadBytes += write.Event?.Payload.Length ?? 0;
            deliveries += write.Event?.Deliveries.Count ?? 0;
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
        else if (writes.Count > 1 && (!_database.IsTransient(failure) || _database.Dialect.IsBlocked(failure)))
        {
            foreach (var part in Split(writes, _database.Dialect.IsBlocked(failure)))
            {
                await WriteAsync(part);
            }
        }
        else
        {
            Fail(writes, failure);
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

    private async Task<Exception?> TryWriteAsync(StoreBatch batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            _fresh.Reserve(batch);
            try
            {
                await _database.EnsureReadyAsync(CancellationToken.None);
                await _database.Dialect.WriteAsync(batch, CancellationToken.None);
            }
            catch (Exception exception)
            {
                // Whatever the driver throws, nothing was stored; the callers are told, or the batch is tried again.
                _fresh.Cancel(batch);
                if (attempt == Tries || !_database.IsTransient(exception) || _database.Dialect.IsBlocked(exception))
                {
                    return exception;
                }

                await Task.Delay(PauseBetweenTries * attempt, _clock.TimeProvider);
                continue;
            }

            // Durable from here on. If the process dies before the hand-over, the leases end and any node claims the deliveries.
            Announce(batch);
            return null;
        }
    }

    /// <summary>Tells the dispatcher and whoever watches. What is stored is stored, whatever happens here.</summary>
    private void Announce(StoreBatch batch)
    {
        try
        {
            _fresh.HandOver(batch);

            var lost = batch.Records.Count(record => !record.LeaseHeld);
            if (lost > 0)
            {
                LogLeasesLost(lost);
                _metrics.LeasesLost(lost);
            }

            foreach (var newEvent in batch.Events.Where(newEvent => newEvent.Result == NewEventResult.Stored))
            {
                _metrics.EventPublished(newEvent.Trigger);
            }
        }
        catch (Exception exception)
        {
            // A listener of the metrics may throw. The loop must go on, and nobody is to be told that what is stored has failed.
            LogAnnouncementFailed(exception);
        }
    }

    /// <summary>Tells the publishers, and keeps the outcomes for the next try as long as their leases may hold.</summary>
    private void Fail(List<WaitingWrite> writes, Exception failure)
    {
        var isTransient = _database.IsTransient(failure);
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
                var reason = _database.Dialect.IsBlocked(failure)
                    ? "an open transaction holds what it needs, most likely one that published with the same idempotency key."
                    : failure.Message;
                write.Done.TrySetException(failure as WebhookStoreException ?? new WebhookStoreException(
                    $"The event could not be stored in {_database.Dialect.Location}: {reason}", failure, isTransient));
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

    [LoggerMessage(3101, LogLevel.Error, "A batch of {Count} writes to {Location} failed", EventName = "WriteFailed")]
    private partial void LogWriteFailed(Exception exception, int count, string location);

    [LoggerMessage(3102, LogLevel.Warning, "{Count} outcomes came too late: the leases had ended, and the deliveries are attempted again", EventName = "LeasesLost")]
    private partial void LogLeasesLost(int count);

    [LoggerMessage(3103, LogLevel.Warning, "The outcome of delivery {DeliveryId} ({Step}) could not be recorded before its lease ended; it is attempted again", EventName = "OutcomeGivenUp")]
    private partial void LogOutcomeGivenUp(long deliveryId, DeliveryStep step);

    [LoggerMessage(3104, LogLevel.Error, "A batch was stored, but not all could be told of it; what was not handed over is attempted when its lease has ended", EventName = "AnnouncementFailed")]
    private partial void LogAnnouncementFailed(Exception exception);
}
