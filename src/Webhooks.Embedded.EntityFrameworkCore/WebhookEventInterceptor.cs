using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Webhooks.Embedded.Publishing;

namespace Webhooks.Embedded.EntityFrameworkCore;

/// <summary>
/// Publishes the added events in the transaction of SaveChanges. One that SaveChanges begins is joined just before its commit, inside what an
/// execution strategy repeats. In one that the app began, events are written when the entities are, so that savepoints count for both.
/// </summary>
internal sealed class WebhookEventInterceptor(EventDrafts drafts, TransactionPublisher publisher)
    : SaveChangesInterceptor, IDbTransactionInterceptor, IDbCommandInterceptor
{
    private readonly ConditionalWeakTable<DbContext, AddedEvents> _events = [];

    public EventDrafts Drafts => drafts;

    public AddedEvents EventsOf(DbContext context)
    {
        if (_events.TryGetValue(context, out var events) && events.Lease == context.ContextId)
        {
            return events;
        }

        events = new AddedEvents(context);
        _events.AddOrUpdate(context, events);
        return events;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var context = eventData.Context!;
        var events = EventsOf(context);
        if (events.Any && (Transaction.Current ?? context.Database.GetEnlistedTransaction()) is not null)
        {
            throw new NotSupportedException(
                "Events cannot be published in a TransactionScope. Begin the transaction with Database.BeginTransactionAsync(). Nothing was saved.");
        }

        events.BeginSaving();
        return ValueTask.FromResult(result);
    }

    /// <summary>SaveChanges is about to write: the transaction is the one that the events belong to.</summary>
    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (eventData is { CommandSource: CommandSource.SaveChanges, Context: { } context })
        {
            EventsOf(context).SavesIn = context.Database.CurrentTransaction?.TransactionId;
        }

        return ValueTask.FromResult(result);
    }

    /// <summary>Before the commit. If the process dies from here on, the transaction is rolled back, entities and events alike.</summary>
    public async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && EventsOf(context) is var events && events.SavesIn == eventData.TransactionId)
        {
            // They stay added until the commit is done: an execution strategy may do all of this again.
            foreach (var draft in events.All)
            {
                events.Uncommitted = await PublishAsync(draft, transaction, cancellationToken);
            }
        }

        return result;
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionCommitted(transaction, eventData);
        return Task.CompletedTask;
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData)
    {
        if (eventData.Context is not { } context)
        {
            return;
        }

        var events = EventsOf(context);
        events.Committed(eventData.TransactionId);
        events.Uncommitted?.Notify();
        events.Uncommitted = null;
    }

    public override async ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        var context = eventData.Context!;
        var events = EventsOf(context);
        try
        {
            if (events.Any && context.Database.CurrentTransaction is { } current)
            {
                await PublishAsync(context, events, current, cancellationToken);
            }
            else if (events.Any)
            {
                // There was nothing to save but the events.
                await context.Database.CreateExecutionStrategy().ExecuteAsync(context, CommitAsync, cancellationToken);
            }
        }
        finally
        {
            events.EndSaving();
        }

        return result;
    }

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        EventsOf(eventData.Context!).EndSaving();
        return Task.CompletedTask;
    }

    public override Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        EventsOf(eventData.Context!).EndSaving();
        return Task.CompletedTask;
    }

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        RefuseToBlock(eventData.Context!);
        return result;
    }

    // An interceptor of the app may have added events since.
    public InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        if (eventData is { CommandSource: CommandSource.SaveChanges, Context: { } context })
        {
            RefuseToBlock(context);
        }

        return result;
    }

    public DbTransaction TransactionUsed(DbConnection connection, TransactionEventData eventData, DbTransaction result)
    {
        if (eventData.Context is { } context)
        {
            EventsOf(context).CommittedElsewhere = eventData.TransactionId;
        }

        return result;
    }

    public ValueTask<DbTransaction> TransactionUsedAsync(
        DbConnection connection, TransactionEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(TransactionUsed(connection, eventData, result));

    public void RolledBackToSavepoint(DbTransaction transaction, TransactionEventData eventData)
    {
        // While SaveChanges is under way the savepoint is its own, and it writes events only after it.
        if (eventData.Context is { } context && EventsOf(context) is { SavesIn: null } events)
        {
            events.TakeBack();
        }
    }

    public Task RolledBackToSavepointAsync(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken = default)
    {
        RolledBackToSavepoint(transaction, eventData);
        return Task.CompletedTask;
    }

    private async Task CommitAsync(DbContext context, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        EventsOf(context).SavesIn = transaction.TransactionId;
        await transaction.CommitAsync(cancellationToken);
    }

    // Those that SaveChanges has saved and accepted are unchanged. It tells nobody whether it was to accept them.
    private static bool IsSavedAgain(DbContext context)
    {
        var detects = context.ChangeTracker.AutoDetectChangesEnabled;
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            return context.ChangeTracker.HasChanges();
        }
        finally
        {
            context.ChangeTracker.AutoDetectChangesEnabled = detects;
        }
    }

    private void RefuseToBlock(DbContext context)
    {
        if (EventsOf(context).Any)
        {
            throw new NotSupportedException("Events were added, and SaveChanges() cannot publish them without blocking a thread. Call SaveChangesAsync().");
        }
    }

    private async Task PublishAsync(DbContext context, AddedEvents events, IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        var isSavedAgain = events.CommittedElsewhere != transaction.TransactionId && IsSavedAgain(context);
        while (events.Any)
        {
            events.Uncommitted = await PublishAsync(events.First, transaction.GetDbTransaction(), cancellationToken);
            events.WroteFirst(transaction.TransactionId, isSavedAgain);
        }
    }

    private async Task<PublishedEvent> PublishAsync(EventDraft draft, DbTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            return await publisher.PublishAsync(draft, transaction, cancellationToken);
        }
        catch (WebhookStoreException exception) when (exception.InnerException is DbException inner)
        {
            // In the words of Entity Framework, whose execution strategies look into this one for what the driver said.
            throw new DbUpdateException(exception.Message, inner);
        }
    }
}
