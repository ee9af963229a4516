using System.Globalization;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql;

/// <summary>Stores new events with their deliveries, and finds out what became of those that were not stored.</summary>
internal sealed class PostgreSqlEvents(WebhookTables tables)
{
    // Rows come out of unnest in the order of the arrays and are numbered in it, so that ids are in publishing order, those of deliveries too.
    // Another version than the one that was matched: a webhook might miss its event, so nothing is stored. Either all are or none is, so the
    // deliveries find their events by number, and the ids come back as two arrays, for which the server takes a tenth less than for joins and rows.
    private readonly string _insert =
        $"""
        with stored as (
            {InsertEvents(tables)}
            returning id
        ), numbered as materialized (
            select array_agg(id order by id) as ids from stored
        ), queued as (
            insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
            select n.ids[d.event_number], {QueuedValues}
            from numbered n cross join lateral unnest($11, $12, $13) as d (event_number, webhook_id, leased)
            where n.ids is not null
            returning id
        )
        select n.ids, (select array_agg(q.id order by q.id) from queued q) from numbered n
        """;

    // To look for a conflict before each row takes the server as long as all the rest of it.
    private readonly string _insertWhatIsNotThere =
        $"""
        with stored as (
            {InsertEvents(tables)}
            on conflict do nothing
            returning id, uid
        ), queued as (
            insert into {tables.Queue} (event_id, webhook_id, due_at, lease_seq, claims, claimed_at, attempts, created_at)
            select s.id, {QueuedValues}
            from unnest($11, $12, $13) with ordinality as d (event_number, webhook_id, leased, ord) join stored s on s.uid = ($1)[d.event_number]
            order by d.ord
            returning id, event_id
        )
        select s.uid, s.id, q.id from stored s left join queued q on q.event_id = s.id order by q.id
        """;

    private const string QueuedValues =
        "d.webhook_id, case d.leased when 1 then $10 else $9 end, d.leased, d.leased, case d.leased when 1 then $9 end, 0, $9";

    private static string InsertEvents(WebhookTables tables) =>
        $"""
        insert into {tables.Events} (uid, trigger_name, tenant, target, idempotency_key, payload_size, payload, created_at)
            select n.uid, n.trigger_name, n.tenant, n.target, n.idempotency_key, n.payload_size, n.payload, $9
            from unnest($1, $2, $3, $4, $5, $6, $7) as n (uid, trigger_name, tenant, target, idempotency_key, payload_size, payload)
            where (select value from {tables.State} where name = 'catalogue') = $8
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
    /// <returns>What <see cref="ReadAsync"/> needs to read the answer.</returns>
    public EventInsert Add(NpgsqlBatch batch, IReadOnlyList<NewEvent> events, long now, long leaseEnd, bool mayBeThere)
    {
        // Those of an older version are known to be out of date without asking.
        var version = events.Max(newEvent => newEvent.CatalogueVersion);
        var current = events.Where(newEvent => newEvent.CatalogueVersion == version).ToArray();
        var deliveries = current.SelectMany((newEvent, i) => newEvent.Deliveries.Select(delivery => (EventNumber: i + 1, Delivery: delivery))).ToArray();
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
            Array.ConvertAll(deliveries, d => d.EventNumber),
            Array.ConvertAll(deliveries, d => d.Delivery.WebhookId),
            Array.ConvertAll(deliveries, d => d.Delivery.Leased ? 1 : 0));
        return new EventInsert(events, current, mayBeThere);
    }

    /// <summary>Reads what was stored and returns the other events.</summary>
    public static async Task<List<NewEvent>> ReadAsync(NpgsqlDataReader rows, EventInsert insert, CancellationToken cancellationToken)
    {
        if (insert.MayBeThere)
        {
            return await ReadStoredAsync(rows, insert, cancellationToken);
        }

        await rows.ReadAsync(cancellationToken);
        if (await rows.IsDBNullAsync(0, cancellationToken))
        {
            return [.. insert.Events];
        }

        var ids = rows.GetFieldValue<long[]>(0);
        var deliveryIds = await rows.IsDBNullAsync(1, cancellationToken) ? [] : rows.GetFieldValue<long[]>(1);
        var next = 0;
        foreach (var (i, newEvent) in insert.Current.Index())
        {
            newEvent.Id = ids[i];
            newEvent.Result = NewEventResult.Stored;
            foreach (var delivery in newEvent.Deliveries)
            {
                delivery.Id = deliveryIds[next++];
            }
        }

        return insert.Current.Length == insert.Events.Count ? [] : [.. insert.Events.Except(insert.Current)];
    }

    private static async Task<List<NewEvent>> ReadStoredAsync(NpgsqlDataReader rows, EventInsert insert, CancellationToken cancellationToken)
    {
        var missing = insert.Events.ToDictionary(newEvent => newEvent.Uid);
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

    /// <summary>Events that a command stores.</summary>
    /// <param name="Events">All of them.</param>
    /// <param name="Current">Those that it was asked to store.</param>
    /// <param name="MayBeThere">Whether it stores what is not there yet, or all or none.</param>
    public sealed record EventInsert(IReadOnlyList<NewEvent> Events, NewEvent[] Current, bool MayBeThere);
}
