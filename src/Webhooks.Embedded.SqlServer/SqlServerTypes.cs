using System.Runtime.InteropServices;
using Microsoft.Data.SqlClient;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer;

/// <summary>The table types of the migrations, column by column in their order.</summary>
internal sealed class SqlServerTypes
{
    private static readonly TextParameter EventTexts = new("@EventTexts", "place", "trigger_name", "tenant", "target", "idempotency_key");
    private static readonly TextParameter RecordTexts = new("@RecordTexts", "place", "error", "signature", "response_headers");
    private static readonly TextParameter HealthTexts = new("@HealthTexts", "webhook_id", "last_failure");

    private readonly TableParameter _events;
    private readonly TableParameter _deliveries;
    private readonly TableParameter _records;
    private readonly TableParameter _health;
    private readonly TableParameter _round;

    public SqlServerTypes(WebhookTables tables)
    {
        var qualified = $"{tables.Schema}.{tables.Prefix}webhook_";
        _events = new(
            "@Events", qualified + "new_events",
            TableParameter.Int("place"), TableParameter.Uid("uid"), TableParameter.Number("catalogue_version"), TableParameter.Bytes("payload"));
        _deliveries = new(
            "@Deliveries", qualified + "new_deliveries",
            TableParameter.Int("place"), TableParameter.Uid("event_uid"), TableParameter.Number("webhook_id"), TableParameter.Int("leased"));
        _records = new(
            "@Records", qualified + "records",
            TableParameter.Int("place"), TableParameter.Number("id"), TableParameter.Number("lease_seq"), TableParameter.Int("finishes"),
            TableParameter.Int("status"), TableParameter.Number("moment"), TableParameter.Int("number"), TableParameter.Int("outcome"),
            TableParameter.Int("status_code"), TableParameter.Number("started_at"), TableParameter.Int("duration_ms"),
            TableParameter.Int("url_number"), TableParameter.Bytes("response_body"), TableParameter.Int("response_truncated"));
        _health = new(
            "@Health", qualified + "health",
            TableParameter.Number("webhook_id"), TableParameter.Number("last_success_at"), TableParameter.Number("last_failure_at"),
            TableParameter.Int("last_status_code"), TableParameter.Int("successes"), TableParameter.Int("failures_in_row"),
            TableParameter.Number("failing_since"), TableParameter.Int("attempts"), TableParameter.Int("failures"));
        _round = new("@Round", qualified + "round", TableParameter.Int("place"), TableParameter.Number("webhook_id"), TableParameter.Int("most"));
    }

    public SqlParameter Events(IEnumerable<NewEvent> events) => _events.With(events.Select((newEvent, place) => new object?[]
    {
        place, newEvent.Uid, newEvent.CatalogueVersion, ToArray(newEvent.Payload),
    }));

    public static SqlParameter Texts(IEnumerable<NewEvent> events) => EventTexts.With(events.Select((newEvent, place) =>
        ((long)place, new[] { newEvent.Trigger, newEvent.Tenant, newEvent.Target, newEvent.IdempotencyKey })));

    public static SqlParameter Texts(IEnumerable<DeliveryRecord> records) => RecordTexts.With(records.Select((record, place) =>
        ((long)place, new[] { record.Attempt?.Error, record.Attempt?.Signature, record.Attempt?.ResponseHeaders })));

    public static SqlParameter Texts(IEnumerable<HealthChange> health) =>
        HealthTexts.With(health.Select(webhook => (webhook.WebhookId, new[] { webhook.LastFailure })));

    public SqlParameter Deliveries(IEnumerable<NewEvent> events) => _deliveries.With(
        events.SelectMany(newEvent => newEvent.Deliveries.Select(delivery => (newEvent.Uid, delivery)))
            .Select((found, place) => new object?[] { place, found.Uid, found.delivery.WebhookId, found.delivery.Leased ? 1 : 0 }));

    public SqlParameter Records(IEnumerable<DeliveryRecord> records) => _records.With(records.Select((record, place) => new object?[]
    {
        place, record.Delivery.Id, record.Delivery.LeaseSequence, record.Step == DeliveryStep.Finish ? 1 : 0, (int)record.Status,
        record.Step == DeliveryStep.Park ? null : record.At, record.Attempt?.Number, (int?)record.Attempt?.Outcome, record.Attempt?.StatusCode,
        record.Attempt?.StartedAt, record.Attempt?.DurationMs, record.Attempt?.UrlNumber, record.Attempt?.ResponseBody,
        record.Attempt is { ResponseTruncated: true } ? 1 : 0,
    }));

    public SqlParameter Health(IEnumerable<HealthChange> health) => _health.With(health.Select(webhook => new object?[]
    {
        webhook.WebhookId, webhook.LastSuccessAt, webhook.LastFailureAt, webhook.LastStatusCode, webhook.Successes, webhook.FailuresInARow,
        webhook.FailingSince, webhook.Attempts, webhook.Failures,
    }));

    public SqlParameter Round(ClaimRound round) =>
        _round.With(round.WebhookIds.Select((id, place) => new object?[] { place, id, round.Limits[place] }));

    public static byte[] ToArray(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : payload.ToArray();
}
