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
    CatalogueRepository repository,
    WebhookDatabase database,
    StoreClock clock,
    DispatchSignal signal,
    WebhookMetrics metrics)
{
    public async Task<PublishedEvent> PublishAsync(EventDraft draft, DbTransaction transaction, CancellationToken cancellationToken)
    {
        CheckOpen(transaction);
        await database.EnsureReadyInTransactionAsync(cancellationToken);

        var known = webhooks.Current == WebhookSnapshot.None ? await webhooks.GetAsync(cancellationToken) : webhooks.Current;
        var version = known.Version;
        while (true)
        {
            // Nothing of it is durable. If the process dies after this, the transaction is rolled back, and the event never was.
            var newEvent = draft.For(known, version, clock.Now);
            await database.InsertAsync(newEvent, clock.Now, transaction, cancellationToken);
            if (draft.Answer(newEvent) is { } published)
            {
                return Announce(published, draft.Trigger);
            }

            var seen = await repository.LoadAsync(transaction, cancellationToken);
            if (seen.Store != known.Store)
            {
                // Versions begin anywhere, so this is seen before anything is written, and before this node takes that store's webhooks for its own.
                throw new ArgumentException(
                    $"The transaction is on another database than {database.Dialect.Location}, of the same name. "
                    + "Publish with a transaction on the store's own database, or without one.",
                    nameof(transaction));
            }

            version = seen.Version;
            if (seen.Version > known.Version)
            {
                known = seen;
                Remember(seen, transaction);
            }

            // Otherwise the transaction sees older webhooks than the node knows, and will do so to its end: it has a snapshot. The event is
            // of now, so it goes to those of now.
        }
    }

    // What a dirty read shows may never have been: this node must not go by it in other transactions.
    private void Remember(WebhookSnapshot seen, DbTransaction transaction)
    {
        if (transaction.IsolationLevel is IsolationLevel.ReadCommitted or IsolationLevel.RepeatableRead or IsolationLevel.Serializable or IsolationLevel.Snapshot)
        {
            webhooks.Remember(seen);
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
        if (HasEnded(transaction))
        {
            throw new ArgumentException(
                "The transaction has ended: it was committed, rolled back or disposed. Publish before the commit, or without a transaction.",
                nameof(transaction));
        }
    }

    // There is no question for it. Some drivers take the connection away, others refuse the transaction to commands.
    private static bool HasEnded(DbTransaction transaction)
    {
        try
        {
            using var command = transaction.Connection?.CreateCommand();
            command?.Transaction = transaction;
            return command is null;
        }
        catch (InvalidOperationException)
        {
            // Completed or disposed, it says.
            return true;
        }
        catch (InvalidCastException)
        {
            // It is no transaction of this connection: the dialect says so in words.
            return false;
        }
    }
}
