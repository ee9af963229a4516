using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>What the server says became of a batch. It is told to the batch when the commit is certain.</summary>
internal sealed class SqlServerAnswer(IReadOnlyList<NewEvent> events)
{
    private readonly List<StoredEvent> _events = new(events.Count);
    private readonly Dictionary<(long EventId, long WebhookId), long> _deliveries = [];
    private readonly HashSet<(long Id, long LeaseSequence)> _held = [];
    private readonly List<WebhookCounters> _unwell = [];

    public IReadOnlyList<WebhookCounters> Unwell => _unwell;

    public async Task ReadEventsAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            _events.Add(new StoredEvent(
                reader.GetInt32(0),
                reader.IsDBNull(1) ? null : reader.GetInt64(1),
                !reader.IsDBNull(2) && reader.GetInt32(2) == 1,
                reader.IsDBNull(3) ? null : reader.GetGuid(3),
                reader.GetInt32(4) == 1,
                reader.GetInt32(5) == 1));
        }

        await reader.NextResultAsync(cancellationToken);
    }

    /// <summary>The answer to one event, which is never known already.</summary>
    public async Task ReadEventAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        _events.Add(new StoredEvent(
            0,
            reader.IsDBNull(0) ? null : reader.GetInt64(0),
            IsKnown: false,
            reader.IsDBNull(1) ? null : reader.GetGuid(1),
            reader.GetInt32(2) == 1,
            reader.GetInt32(3) == 1));
        await reader.NextResultAsync(cancellationToken);
    }

    public async Task ReadDeliveriesAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            _deliveries.Add((reader.GetInt64(1), reader.GetInt64(2)), reader.GetInt64(0));
        }

        await reader.NextResultAsync(cancellationToken);
    }

    public async Task ReadHeldAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            _held.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        await reader.NextResultAsync(cancellationToken);
    }

    public async Task ReadCountersAsync(SqlDataReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            _unwell.Add(WebhookCounters.Read(reader));
        }
    }

    public void Tell()
    {
        foreach (var stored in _events)
        {
            Tell(events[stored.Place], stored);
        }
    }

    public void Tell(IReadOnlyList<DeliveryRecord> records)
    {
        foreach (var record in records)
        {
            record.LeaseHeld = _held.Contains((record.Delivery.Id, record.Delivery.LeaseSequence));
        }
    }

    private void Tell(NewEvent newEvent, StoredEvent stored)
    {
        if (stored.Id is { } id)
        {
            newEvent.Id = id;
            newEvent.Result = NewEventResult.Stored;

            // By an earlier try, which leased its deliveries or not; they are due now, for any node.
            newEvent.StoredEarlier = stored.IsKnown;
            foreach (var delivery in newEvent.Deliveries)
            {
                delivery.Id = _deliveries.GetValueOrDefault((id, delivery.WebhookId));
            }
        }
        else if (!stored.IsCurrent)
        {
            newEvent.Result = NewEventResult.CatalogueChanged;
        }
        else
        {
            newEvent.ExistingUid = stored.ExistingUid
                ?? throw new WebhookStoreException($"The event that has the idempotency key was deleted while {newEvent.Uid} was stored.", isTransient: true);
            newEvent.Result = stored.IsSame ? NewEventResult.Duplicate : NewEventResult.Conflict;
        }
    }

    private sealed record StoredEvent(int Place, long? Id, bool IsKnown, Guid? ExistingUid, bool IsSame, bool IsCurrent);
}
