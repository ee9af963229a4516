using System.Diagnostics;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class RollUpsTests(ITestOutputHelper report)
{
    private readonly RollUps _rollUps = new();

    [Fact]
    public void Counts_by_webhook_and_minute()
    {
        _rollUps.Add([Record(1, 200), Record(1, 500), Record(2, 500, exhausts: true)], now: 61_000);
        _rollUps.Add([Record(1, 200)], now: 119_999);
        _rollUps.Add([Record(1, 200)], now: 120_000);

        var counts = _rollUps.Take();

        Assert.Equal(
            [(1, 60_000, 2, 1, 0, 36), (1, 120_000, 1, 0, 0, 12), (2, 60_000, 0, 1, 1, 12)],
            counts.OrderBy(pair => pair.Key.WebhookId).ThenBy(pair => pair.Key.At).Select(pair =>
                ((int)pair.Key.WebhookId, (int)pair.Key.At, (int)pair.Value.Delivered, (int)pair.Value.Failed, (int)pair.Value.Exhausted, (int)pair.Value.DurationMs)));
        Assert.Empty(_rollUps.Take());
    }

    [Fact]
    public void What_could_not_be_stored_is_kept_beside_what_came_meanwhile()
    {
        _rollUps.Add([Record(1, 200)], now: 0);
        var taken = _rollUps.Take();
        _rollUps.Add([Record(1, 200), Record(2, 200)], now: 0);

        _rollUps.Return(taken);

        Assert.Equal([2, 1], _rollUps.Take().OrderBy(pair => pair.Key.WebhookId).Select(pair => (int)pair.Value.Delivered));
    }

    [Fact]
    public void Counting_allocates_nothing_for_a_delivery()
    {
        List<DeliveryRecord> batch = [.. Enumerable.Range(0, 512).Select(i => Record(i % 50, 200))];
        for (var warm = 0; warm < 2000; warm++)
        {
            _rollUps.Add(batch, now: 0);
        }

        var (allocatedBefore, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var round = 0; round < 1000; round++)
        {
            _rollUps.Add(batch, now: 0);
        }

        var (allocatedAfter, took) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetElapsedTime(started));
        report.WriteLine($"{took.TotalNanoseconds / (1000 * batch.Count):0.0} ns for a delivery");
        Assert.Equal(allocatedBefore, allocatedAfter);
    }

    private static DeliveryRecord Record(long webhookId, int statusCode, bool exhausts = false)
    {
        var delivery = new LeasedDelivery
        {
            Id = 1,
            EventId = 1,
            EventUid = Guid.Empty,
            Trigger = "order.paid",
            WebhookId = webhookId,
            CreatedAt = 0,
            Payload = default,
            LeaseSequence = 1,
            Claims = 1,
            Attempts = 0,
            ClaimedTimestamp = 0,
        };
        var attempt = new AttemptData
        {
            Number = 1,
            UrlNumber = 1,
            DurationMs = 12,
            Outcome = statusCode == 200 ? WebhookAttemptOutcome.Delivered : WebhookAttemptOutcome.HttpError,
            StatusCode = statusCode,
        };
        var record = statusCode == 200 ? DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, 0)
            : exhausts ? DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Exhausted, 0)
            : DeliveryRecord.Retry(delivery, attempt, 0);
        record.LeaseHeld = true;
        return record;
    }
}
