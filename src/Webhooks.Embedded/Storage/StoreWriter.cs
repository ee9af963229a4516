using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Storage;

/// <summary>
/// The one writer loop of a node. Whatever waits, published events and finished attempts alike, goes into one transaction; what comes
/// meanwhile makes up the next one. No timer is needed: the busier the node, the larger the batches, and a lone event waits for nothing.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private const int MaxItems = 512;
    private const int MaxPayloadBytes = 16 * 1024 * 1024;

    // An event may be for thousands of webhooks. A transaction must end long before its time is over, or nothing would ever be stored.
    private const int MaxDeliveries = 16 * 1024;
    private const int MaxWaiting = 8192;
    private static readonly TimeSpan PauseWithoutStore = TimeSpan.FromMilliseconds(500);

    private readonly BatchWriter _batches;
    private readonly Channel<WaitingWrite> _waiting;
    private readonly ITimer _wake;
    private readonly Task _loop;

    // Outcomes that could not be recorded yet. They are kept until their leases end; then another attempt will tell.
    private readonly List<WaitingWrite> _unrecorded = [];

    public StoreWriter(
        WebhookDatabase database,
        StoreClock clock,
        IHandover handover,
        RollUps rollUps,
        IOptions<WebhooksOptions> options,
        WebhookMetrics metrics,
        ILogger<StoreWriter> logger)
    {
        _batches = new BatchWriter(database, clock, handover, rollUps, options.Value.LeaseDuration, metrics, logger);
        _waiting = Channel.CreateBounded<WaitingWrite>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        _wake = clock.TimeProvider.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // The loop is nobody's: not of the request that was the first to publish, its activity or its transaction.
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(RunAsync);
        }
    }

    /// <summary>Stores an event and its deliveries. When this returns, <see cref="NewEvent.Result"/> says what became of it, durably.</summary>
    public Task WriteAsync(NewEvent newEvent, CancellationToken cancellationToken) => WriteAsync(new WaitingWrite(newEvent), cancellationToken);

    /// <summary>
    /// Records what came of a delivery. When this returns, it is durable, or given up because the lease has ended. If the process dies
    /// before, the lease ends, the attempt is shown as interrupted, and another one is made.
    /// </summary>
    public Task RecordAsync(DeliveryRecord record) => WriteAsync(new WaitingWrite(record), CancellationToken.None);

    /// <summary>Returns when everything that was taken before is durable, or given up.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => WriteAsync(new WaitingWrite(), cancellationToken);

    /// <summary>Writes what was taken and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
        await _wake.DisposeAsync();
    }

    private Task WriteAsync(WaitingWrite write, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && _waiting.Writer.TryWrite(write)
            ? write.Done.Task.WaitAsync(cancellationToken)
            : WaitAndWriteAsync(write, cancellationToken);

    /// <summary>Waits for room first.</summary>
    private async Task WaitAndWriteAsync(WaitingWrite write, CancellationToken cancellationToken)
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

        await write.Done.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        var writes = new List<WaitingWrite>(MaxItems);
        bool isOpen;
        do
        {
            isOpen = await _waiting.Reader.WaitToReadAsync();
            Take(writes);
            try
            {
                await _batches.WriteAsync(writes, _unrecorded, isLast: !isOpen);
            }
            catch (Exception exception)
            {
                // A logger may throw. The loop must go on, and nobody is to wait for ever.
                var failure = new WebhookStoreException($"What became of the write is not known: {exception.Message}", exception, isTransient: true);
                writes.ForEach(write => write.Done.TrySetException(failure));
            }

            writes.Clear();
            _wake.Change((_unrecorded.Count > 0 ? PauseWithoutStore : _batches.NextIn) ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        while (isOpen);

        // The host is stopping and the store is away: what is left is given up here, and said.
        _batches.GiveUp(_unrecorded);
        _unrecorded.Clear();
    }

    /// <summary>Has the loop write what waits for nobody. Where it is full of other writes, or stopping, it does so anyway.</summary>
    private void Wake() => _waiting.Writer.TryWrite(new WaitingWrite());

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
}
