using System.Security.Cryptography;
using Dapper;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>All that is in the store, read without the library: a checker that trusted its reading would trust its faults.</summary>
internal sealed class StoreContent
{
    public required IReadOnlyList<StoredEvent> Events { get; init; }

    public required IReadOnlyList<StoredDelivery> Deliveries { get; init; }

    /// <summary>By delivery: every attempt, the last one of a finished delivery included.</summary>
    public required ILookup<long, StoredAttempt> Attempts { get; init; }

    public static async Task<StoreContent> ReadAsync(SharedStore store)
    {
        await using var connection = await store.OpenAsync();

        // One snapshot: nodes may be at work.
        await connection.ExecuteAsync("begin isolation level repeatable read");
        return new StoreContent
        {
            Events = (await connection.QueryAsync<StoredEvent>("select uid as Uid, tenant as Tenant, payload as Payload from webhook_events")).AsList(),
            Deliveries = (await connection.QueryAsync<StoredDelivery>(
                """
                select d.id as Id, e.uid as EventId, d.webhook_id as WebhookId, w.tenant as Tenant, d.status as Status, d.attempts as Attempts,
                       d.due_at as DueAt, d.claimed_at as ClaimedAt
                from (select id, event_id, webhook_id, null::int as status, attempts, due_at, claimed_at from webhook_queue
                      union all
                      select id, event_id, webhook_id, status::int, attempts, null, null from webhook_deliveries) d
                join webhook_events e on e.id = d.event_id join webhooks w on w.id = d.webhook_id
                """)).AsList(),
            Attempts = (await connection.QueryAsync<StoredAttempt>(
                """
                select delivery_id as DeliveryId, number as Number, outcome as Outcome, status_code as StatusCode, started_at as StartedAt from webhook_attempts
                union all
                select id, attempts, outcome, status_code, started_at from webhook_deliveries where outcome is not null
                order by 1, 2
                """)).ToLookup(attempt => attempt.DeliveryId),
        };
    }
}

internal sealed class StoredEvent
{
    public Guid Uid { get; init; }

    public string Tenant { get; init; } = "";

    public byte[] Payload { get; init; } = [];

    public int Number => PublisherLog.NumberIn(Payload);

    public string BodyHash => Convert.ToHexString(SHA256.HashData(Payload));
}

internal sealed class StoredDelivery
{
    public long Id { get; init; }

    public Guid EventId { get; init; }

    public long WebhookId { get; init; }

    /// <summary>The webhook's.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Null in the queue.</summary>
    public int? Status { get; init; }

    public int Attempts { get; init; }

    public long? DueAt { get; init; }

    public long? ClaimedAt { get; init; }

    public override string ToString() =>
        $"delivery {Id} of event {EventId} to webhook {WebhookId} (status {(Status is { } status ? (WebhookDeliveryStatus)status : "queued")}, attempts {Attempts}, due {DueAt}, claimed {ClaimedAt})";
}

internal sealed class StoredAttempt
{
    public long DeliveryId { get; init; }

    public int Number { get; init; }

    public int Outcome { get; init; }

    public int? StatusCode { get; init; }

    public long StartedAt { get; init; }

    public bool IsInterrupted => Outcome == (int)WebhookAttemptOutcome.Interrupted;
}
