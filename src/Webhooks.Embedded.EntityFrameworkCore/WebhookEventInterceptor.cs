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
    : SaveChangesInterceptor, IDbTransactionInterceptor
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

    /// <summary>Before the commit. If the process dies from here on, the transaction is rolled back, entities and events alike.</summary>
    public async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && EventsOf(context) is { IsSaving: true } events)
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
        if (events.IsSaving)
        {
            events.Clear();
        }

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
                await PublishAsync(events, current.GetDbTransaction(), cancellationToken);
            }
            else if (events.Any)
            {
                // There was nothing to save but the events.
                await context.Database.CreateExecutionStrategy().ExecuteAsync(context.Database, CommitAsync, cancellationToken);
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
    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        if (eventData.Context is { } context && EventsOf(context).IsSaving)
        {
            RefuseToBlock(context);
        }

        return result;
    }

    private static async Task CommitAsync(Microsoft.EntityFrameworkCore.Infrastructure.DatabaseFacade database, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginTransactionAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private void RefuseToBlock(DbContext context)
    {
        if (EventsOf(context).Any)
        {
            throw new NotSupportedException("Events were added, and SaveChanges() cannot publish them without blocking a thread. Call SaveChangesAsync().");
        }
    }

    private async Task PublishAsync(AddedEvents events, DbTransaction transaction, CancellationToken cancellationToken)
    {
        while (events.Any)
        {
            events.Uncommitted = await PublishAsync(events.First, transaction, cancellationToken);

            // From here on the transaction has it, for better or worse.
            events.RemoveFirst();
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
