using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite;

/// <summary>Inserts new events with their deliveries, on whatever transaction its connection has: the writer's, or that of a caller.</summary>
internal sealed class SqliteEvents : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly SqliteStatement _catalogueVersion;
    private readonly SqliteStatement _insertEvent;
    private readonly SqliteStatement _findByUid;
    private readonly SqliteStatement _findByKey;
    private readonly SqliteStatement _insertDelivery;
    private readonly SqliteStatement _giveBack;

    public SqliteEvents(SqliteConnection connection, WebhookTables tables)
    {
        _handle = connection.Handle!;
        _catalogueVersion = new(connection, $"select value from {tables.State} where name = 'catalogue'");
        _insertEvent = new(
            connection,
            $"""
            insert into {tables.Events} (uid, trigger_name, tenant, target, idempotency_key, created_at, payload_size, payload)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict do nothing
            """);
        _findByUid = new(connection, $"select id from {tables.Events} where uid = ?1");
        _findByKey = new(connection, $"select uid, trigger_name, payload from {tables.Events} where tenant = ?1 and idempotency_key = ?2");
        _insertDelivery = new(
            connection,
            $"""
            insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
            values (?1, ?2, ?3, ?4, ?4, ?5, 0, ?6)
            """);
        _giveBack = new(
            connection,
            $"update {tables.Queue} set due_at = ?2, claims = 0, claimed_at = null where event_id = ?1 and lease_seq = 1 and claimed_at is not null");
    }

    /// <summary>Inserts them in order and sets what became of each. Deliveries that are leased are so until <paramref name="leaseEnd"/>.</summary>
    public void Insert(IReadOnlyCollection<NewEvent> events, long now, long leaseEnd)
    {
        if (events.Count == 0)
        {
            return;
        }

        var version = _catalogueVersion.Number();
        foreach (var newEvent in events)
        {
            newEvent.Result = newEvent.CatalogueVersion == version ? Insert(newEvent, now, leaseEnd)
                : WasStoredEarlier(newEvent, now) ? NewEventResult.Stored
                : NewEventResult.CatalogueChanged;
        }
    }

    public void Dispose()
    {
        _catalogueVersion.Dispose();
        _insertEvent.Dispose();
        _findByUid.Dispose();
        _findByKey.Dispose();
        _insertDelivery.Dispose();
        _giveBack.Dispose();
    }

    private NewEventResult Insert(NewEvent newEvent, long now, long leaseEnd)
    {
        var payload = ToArray(newEvent.Payload);
        var isNew = _insertEvent.Execute(
            newEvent.Uid.ToString(), newEvent.Trigger, newEvent.Tenant, newEvent.Target, newEvent.IdempotencyKey, now,
            payload.Length, payload) == 1;
        if (!isNew)
        {
            return WasStoredEarlier(newEvent, now) ? NewEventResult.Stored : Compare(newEvent);
        }

        newEvent.Id = raw.sqlite3_last_insert_rowid(_handle);
        foreach (var delivery in newEvent.Deliveries)
        {
            _insertDelivery.Execute(
                newEvent.Id, delivery.WebhookId,
                delivery.Leased ? leaseEnd : now,
                delivery.Leased ? 1L : 0L,
                delivery.Leased ? now : null,
                now);
            delivery.Id = raw.sqlite3_last_insert_rowid(_handle);
        }

        return NewEventResult.Stored;
    }

    /// <summary>
    /// Whether a commit stored the event whose outcome was unknown. Then nobody has its deliveries: they are handed over only after a commit that is known.
    /// </summary>
    private bool WasStoredEarlier(NewEvent newEvent, long now)
    {
        using (var rows = _findByUid.Query(newEvent.Uid.ToString()))
        {
            if (!rows.Read())
            {
                return false;
            }

            newEvent.Id = rows.Number(0);
        }

        newEvent.StoredEarlier = true;
        _giveBack.Execute(newEvent.Id, now);
        return true;
    }

    private NewEventResult Compare(NewEvent newEvent)
    {
        using var rows = _findByKey.Query(newEvent.Tenant, newEvent.IdempotencyKey);
        rows.Read();
        newEvent.ExistingUid = Guid.Parse(rows.Text(0));
        var isSame = rows.Text(1) == newEvent.Trigger
            && (rows.IsNull(2) || rows.Bytes(2).AsSpan().SequenceEqual(newEvent.Payload.Span));
        return isSame ? NewEventResult.Duplicate : NewEventResult.Conflict;
    }

    private static byte[] ToArray(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : payload.ToArray();
}
