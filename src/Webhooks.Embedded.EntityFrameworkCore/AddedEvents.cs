using Microsoft.EntityFrameworkCore;
using Webhooks.Embedded.Publishing;

namespace Webhooks.Embedded.EntityFrameworkCore;

/// <summary>The events that were added to a context and are not published yet.</summary>
internal sealed class AddedEvents(DbContext context)
{
    private readonly List<EventDraft> _added = [];
    private AutoTransactionBehavior? _chosenByApp;

    /// <summary>One use of the context: a pool gives it to the next one, who must not publish for the last.</summary>
    public DbContextId Lease { get; } = context.ContextId;

    /// <summary>Whether SaveChanges is under way.</summary>
    public bool IsSaving { get; private set; }

    /// <summary>The last one published in a transaction that is not known to be committed yet.</summary>
    public PublishedEvent? Uncommitted { get; set; }

    public bool Any => _added.Count > 0;

    public EventDraft First => _added[0];

    public IReadOnlyCollection<EventDraft> All => _added;

    public void Add(EventDraft draft)
    {
        _added.Add(draft);

        // An interceptor of the app may add events while SaveChanges begins.
        if (IsSaving)
        {
            NeedTransaction();
        }
    }

    public void RemoveFirst() => _added.RemoveAt(0);

    public void Clear() => _added.Clear();

    public void BeginSaving()
    {
        IsSaving = true;
        if (Any)
        {
            NeedTransaction();
        }
    }

    public void EndSaving()
    {
        IsSaving = false;
        if (_chosenByApp is { } behavior)
        {
            context.Database.AutoTransactionBehavior = behavior;
            _chosenByApp = null;
        }
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
