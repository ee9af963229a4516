using Microsoft.EntityFrameworkCore;
using Webhooks.Embedded.Publishing;

namespace Webhooks.Embedded.EntityFrameworkCore;

/// <summary>The events that were added to a context and are not published yet.</summary>
internal sealed class AddedEvents(DbContext context)
{
    private readonly List<EventDraft> _added = [];
    private readonly List<EventDraft> _written = [];
    private Guid? _writtenIn;
    private int _savesUnderWay;
    private AutoTransactionBehavior? _chosenByApp;

    /// <summary>One use of the context: a pool gives it to the next one, who must not publish for the last.</summary>
    public DbContextId Lease { get; } = context.ContextId;

    /// <summary>
    /// The transaction in which SaveChanges writes right now. Not whether SaveChanges is under way: where it fails before it writes, nobody is told.
    /// </summary>
    public Guid? SavesIn { get; set; }

    /// <summary>A transaction that is committed where the context does not see it.</summary>
    public Guid? CommittedElsewhere { get; set; }

    /// <summary>The last one published in a transaction that is not known to be committed yet.</summary>
    public PublishedEvent? Uncommitted { get; set; }

    public bool Any => _added.Count > 0;

    public EventDraft First => _added[0];

    public IReadOnlyCollection<EventDraft> All => _added;

    public void Add(EventDraft draft)
    {
        _added.Add(draft);

        // An interceptor of the app may add events while SaveChanges begins.
        if (_savesUnderWay > 0)
        {
            NeedTransaction();
        }
    }

    public void Clear()
    {
        _added.Clear();
        _written.Clear();
    }

    public void BeginSaving()
    {
        // The transaction that they were written in was not committed, or they would have been forgotten.
        if (context.Database.CurrentTransaction?.TransactionId != _writtenIn)
        {
            TakeBack();
        }

        _savesUnderWay++;
        if (Any)
        {
            NeedTransaction();
        }
    }

    public void EndSaving()
    {
        SavesIn = null;
        _savesUnderWay--;
        if (_savesUnderWay == 0 && _chosenByApp is { } behavior)
        {
            context.Database.AutoTransactionBehavior = behavior;
            _chosenByApp = null;
        }
    }

    /// <summary>The first one was written in a transaction of the app, which has it from here on, for better or worse.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="isSavedAgain">
    /// Whether the entities are to be saved again where it is not committed, as those are that the app did not let SaveChanges accept. Then so is the event.
    /// </param>
    public void WroteFirst(Guid transaction, bool isSavedAgain)
    {
        if (isSavedAgain)
        {
            _written.Add(First);
            _writtenIn = transaction;
        }

        _added.RemoveAt(0);
    }

    public void Committed(Guid transaction)
    {
        if (SavesIn == transaction)
        {
            _added.Clear();
        }

        if (_writtenIn == transaction)
        {
            _written.Clear();
        }
    }

    /// <summary>What was written for entities that are saved again is to be written again.</summary>
    public void TakeBack()
    {
        _added.InsertRange(0, _written);
        _written.Clear();
        _writtenIn = null;
    }

    // A single command is its own transaction by default, and the event would have no part in it.
    private void NeedTransaction()
    {
        if (_chosenByApp is null && context.Database.AutoTransactionBehavior != AutoTransactionBehavior.Always)
        {
            _chosenByApp = context.Database.AutoTransactionBehavior;
            context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        }
    }
}
