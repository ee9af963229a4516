using System.Globalization;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>Stores new events with their deliveries, and finds out what became of those that were not stored.</summary>
internal sealed class PostgreSqlEvents(WebhookTables tables)
{
    // Rows come out of unnest in the order of the arrays and are numbered in it, so that deliveries have their ids in publishing order.
    // Another version than the one that was matched: a webhook might miss its event, so nothing is stored.
    private readonly string _insert = Insert(tables, "");

    // To look for a conflict before each row takes the server as long as all the rest of it.
    private readonly string _insertWhatIsNotThere = Insert(tables, "on conflict do nothing");

    private static string Insert(WebhookTables tables, string onConflict) =>
        $"""
        with stored as (
            insert into {tables.Events} (uid, trigger_name, tenant, target, idempotency_key, payload_size, payload, created_at)
            select n.uid, n.trigger_name, n.tenant, n.target, n.idempotency_key, n.payload_size, n.payload, $9
            from unnest($1, $2, $3, $4, $5, $6, $7) as n (uid, trigger_name, tenant, target, idempotency_key, payload_size, payload)
            where (select value from {tables.State} where name = 'catalogue') = $8
            {onConflict}
            returning id, uid
        ), queued as (
            insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
            select s.id, d.webhook_id, case d.leased when 1 then $10 else $9 end, d.leased, d.leased, case d.leased when 1 then $9 end, 0, $9
            from unnest($11, $12, $13) with ordinality as d (event_uid, webhook_id, leased, ord) join stored s on s.uid = d.event_uid
            order by d.ord
            returning id, event_id
        )
        select s.uid, s.id, q.id from stored s left join queued q on q.event_id = s.id order by q.id
        """;

    private readonly string _catalogueVersion = $"select value from {tables.State} where name = 'catalogue'";

    private readonly string _findByUid = $"select uid, id from {tables.Events} where uid = any($1)";

    private readonly string _findByKey =
        $"""
        select k.uid, e.uid, e.trigger_name, e.payload
        from unnest($1, $2, $3) as k (uid, tenant, idempotency_key)
        cross join lateral (
            select x.uid, x.trigger_name, x.payload from {tables.Events} x where x.tenant = k.tenant and x.idempotency_key = k.idempotency_key limit 1) e
        """;

    // Nobody has them: they are handed over only after a commit that was answered. One that was stored as due, and claimed since, was claimed later than created.
    private readonly string _giveBack =
        $"""
        update {tables.Queue} set due_at = $2, claims = 0, claimed_at = null
        where event_id = any(array(select id from {tables.Events} where uid = any($1))) and lease_seq = 1 and claimed_at = created_at
        """;

    /// <summary>Adds the command that stores the events, as far as they were matched against the newest version that any of them knows.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="events">The events.</param>
    /// <param name="now">Store time.</param>
    /// <param name="leaseEnd">When the leases of their deliveries end.</param>
    /// <param name="mayBeThere">Whether one of them may be stored already: itself, or another one under its key.</param>
    public void Add(NpgsqlBatch batch, IReadOnlyList<NewEvent> events, long now, long leaseEnd, bool mayBeThere)
    {
        // Those of an older version are known to be out of date without asking.
        var version = events.Max(newEvent => newEvent.CatalogueVersion);
        var current = events.Where(newEvent => newEvent.CatalogueVersion == version).ToArray();
        var deliveries = current.SelectMany(newEvent => newEvent.Deliveries, (newEvent, delivery) => (newEvent.Uid, delivery)).ToArray();
        batch.Add(
            mayBeThere ? _insertWhatIsNotThere : _insert,
            Array.ConvertAll(current, e => e.Uid),
            Array.ConvertAll(current, e => e.Trigger),
            Array.ConvertAll(current, e => e.Tenant),
            Array.ConvertAll(current, e => e.Target),
            Array.ConvertAll(current, e => e.IdempotencyKey),
            Array.ConvertAll(current, e => e.Payload.Length),
            Array.ConvertAll(current, e => e.Payload),
            version,
            now,
            leaseEnd,
            Array.ConvertAll(deliveries, d => d.Uid),
            Array.ConvertAll(deliveries, d => d.delivery.WebhookId),
            Array.ConvertAll(deliveries, d => d.delivery.Leased ? 1 : 0));
    }

    /// <summary>Reads what was stored and returns the other events.</summary>
    public static async Task<List<NewEvent>> ReadAsync(NpgsqlDataReader rows, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        var missing = events.ToDictionary(newEvent => newEvent.Uid);
        NewEvent? current = null;
        var next = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            // The deliveries of an event come one after the other, in their order.
            if (missing.Remove(rows.GetGuid(0), out var stored))
            {
                stored.Id = rows.GetInt64(1);
                stored.Result = NewEventResult.Stored;
                current = stored;
                next = 0;
            }

            if (!await rows.IsDBNullAsync(2, cancellationToken))
            {
                current!.Deliveries[next++].Id = rows.GetInt64(2);
            }
        }

        return [.. missing.Values];
    }

    /// <summary>
    /// Adds the commands that find out what became of events that were not stored: stored before, by a commit whose answer was lost; there already
    /// under their key; or matched too early.
    /// </summary>
    public void AddLookup(NpgsqlBatch batch, IReadOnlyList<NewEvent> events, long now)
    {
        Guid[] uids = [.. events.Select(newEvent => newEvent.Uid)];
        NewEvent[] keyed = [.. events.Where(newEvent => newEvent.IdempotencyKey is not null)];
        batch.Add(_catalogueVersion);
        batch.Add(_findByUid, uids);
        batch.Add(
            _findByKey,
            Array.ConvertAll(keyed, e => e.Uid),
            Array.ConvertAll(keyed, e => e.Tenant),
            Array.ConvertAll(keyed, e => e.IdempotencyKey));
        batch.Add(_giveBack, uids, now);
    }

    public static async Task ReadLookupAsync(NpgsqlDataReader rows, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        var unexplained = events.ToDictionary(newEvent => newEvent.Uid);
        await rows.ReadAsync(cancellationToken);
        var version = rows.GetInt64(0);

        await rows.NextResultAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            unexplained.Remove(rows.GetGuid(0), out var stored);
            stored!.Id = rows.GetInt64(1);
            stored.Result = NewEventResult.Stored;
            stored.StoredEarlier = true;
        }

        await rows.NextResultAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (unexplained.Remove(rows.GetGuid(0), out var newEvent))
            {
                newEvent.ExistingUid = rows.GetGuid(1);
                var isSame = rows.GetString(2) == newEvent.Trigger
                    && (await rows.IsDBNullAsync(3, cancellationToken) || rows.GetFieldValue<byte[]>(3).AsSpan().SequenceEqual(newEvent.Payload.Span));
                newEvent.Result = isSame ? NewEventResult.Duplicate : NewEventResult.Conflict;
            }
        }

        foreach (var newEvent in unexplained.Values)
        {
            // What was in its way a moment ago has gone: retention deletes. The same may well work now.
            newEvent.Result = newEvent.CatalogueVersion != version
                ? NewEventResult.CatalogueChanged
                : throw new WebhookStoreException(
                    string.Create(CultureInfo.InvariantCulture, $"The event {newEvent.Uid} collided with another one that has gone meanwhile."), null!, isTransient: true);
        }
    }
}
