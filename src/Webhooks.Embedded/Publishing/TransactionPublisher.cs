using System.Data;
using System.Data.Common;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Publishing;

/// <summary>
/// Writes an event on the transaction of a caller, who commits or not: event and deliveries exist exactly if it commits. Everything goes
/// over the caller's connection. To wait for another one could be to wait for the caller: for its locks, or for a place in its pool.
/// </summary>
internal sealed class TransactionPublisher(
    WebhookDirectory webhooks,
    WebhookRepository repository,
    WebhookDatabase database,
    StoreClock clock,
    DispatchSignal signal,
    WebhookMetrics metrics)
{
    public async Task<PublishedEvent> PublishAsync(EventDraft draft, DbTransaction transaction, CancellationToken cancellationToken)
    {
        CheckOpen(transaction);
        await database.EnsureReadyInTransactionAsync(cancellationToken);

        var known = webhooks.Current;
        while (true)
        {
            // Nothing of it is durable. If the process dies after this, the transaction is rolled back, and the event never was.
            var newEvent = draft.For(known, clock.Now);
            await database.InsertAsync(newEvent, clock.Now, transaction, cancellationToken);
            if (draft.Answer(newEvent) is { } published)
            {
                return Announce(published, draft.Trigger);
            }

            // Newer webhooks, or older ones: under snapshot isolation the transaction sees them as they were when it began, however often
            // they are read. By its own eyes it gets one consistent answer.
            known = await repository.LoadAsync(transaction, cancellationToken);
            if (SeesOnlyWhatIsCommitted(transaction))
            {
                webhooks.Remember(known);
            }
        }
    }

    private PublishedEvent Announce(PublishedEvent published, string trigger)
    {
        if (published.IsDuplicate)
        {
            return published;
        }

        // Nobody tells what becomes of the transaction, so it counts here.
        metrics.EventPublished(trigger);
        return published with { AfterCommit = signal.Wake };
    }

    private static void CheckOpen(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (ConnectionOf(transaction) is null)
        {
            throw new ArgumentException(
                "The transaction has ended: it was committed, rolled back or disposed. Publish before the commit, or without a transaction.",
                nameof(transaction));
        }
    }

    private static DbConnection? ConnectionOf(DbTransaction transaction)
    {
        try
        {
            return transaction.Connection;
        }
        catch (InvalidOperationException)
        {
            // Some drivers say so that it has ended, or was disposed; others return null.
            return null;
        }
    }

    // What a dirty read shows may never have been: this node must not go by it in other transactions.
    private static bool SeesOnlyWhatIsCommitted(DbTransaction transaction) => transaction.IsolationLevel
        is IsolationLevel.ReadCommitted or IsolationLevel.RepeatableRead or IsolationLevel.Serializable or IsolationLevel.Snapshot;
}
