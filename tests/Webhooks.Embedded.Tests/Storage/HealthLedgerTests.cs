using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Tests.Storage;

public sealed class HealthLedgerTests
{
    private readonly Clock _time = new();
    private readonly HealthLedger _ledger;
    private long _attempt;

    public HealthLedgerTests() => _ledger = new HealthLedger(_time);

    [Fact]
    public void The_first_success_is_counted_at_once_and_those_of_the_next_second_together()
    {
        Assert.Equal([(1, 1)], Write(Success(1)));
        Assert.Null(_ledger.NextIn);
        Assert.Empty(Write(Success(1), Success(1)));
        Assert.Empty(Write(Success(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), _ledger.NextIn);

        _time.Seconds++;

        Assert.Equal([(1, 3)], Write());
        Assert.Null(_ledger.NextIn);
    }

    [Fact]
    public void A_failure_is_counted_with_its_own_batch_and_with_the_successes_before_it()
    {
        Write(Success(1));
        Write(Success(1), Success(1));

        var batch = Plan([Failure(1)]);

        var change = Assert.Single(batch.Health);
        Assert.Equal((2, 1, 1), (change.Successes, change.Failures, change.FailuresInARow));
    }

    [Fact]
    public void A_webhook_that_does_not_do_well_is_counted_with_each_batch()
    {
        Write([1], Failure(1));

        Assert.Equal([(1, 1)], Write([1], Success(1)));
        Assert.Equal([(1, 1)], Write(Success(1)));
        Assert.Empty(Write(Success(1)));
    }

    [Fact]
    public void What_a_batch_that_was_not_stored_would_have_counted_is_counted_by_the_next_one()
    {
        Write(Success(1));
        Write(Success(1));
        _time.Seconds++;

        Plan([Success(1)]);

        Assert.Equal([(1, 1)], Write());
    }

    [Fact]
    public void What_could_not_be_counted_is_tried_again_soon()
    {
        var batch = Plan([Failure(1)]);
        batch.Skipped = batch.Health;
        _ledger.Counted(batch);

        Assert.Equal(TimeSpan.FromMilliseconds(100), _ledger.NextIn);
        Assert.Equal([(1, 1)], Write());
    }

    [Fact]
    public void The_last_batch_counts_all_that_waits()
    {
        Write(Success(1), Success(2));
        Write(Success(1), Success(2), Success(2));

        Assert.Equal([(1, 1), (2, 2)], Plan([], all: true).Health.Select(change => (change.WebhookId, change.Attempts)));
    }

    [Fact]
    public void Webhooks_that_are_quiet_are_forgotten()
    {
        Write(Success(1), Success(2));
        _time.Seconds += 2;

        Assert.Equal([(3, 1)], Write(Success(3)));
        Assert.Equal([(1, 1)], Write(Success(1)));
    }

    private IEnumerable<(long WebhookId, int Attempts)> Write(params DeliveryRecord[] records) => Write([], records);

    private IEnumerable<(long WebhookId, int Attempts)> Write(long[] unwell, params DeliveryRecord[] records)
    {
        var batch = Plan(records);
        batch.Unwell = [.. unwell.Select(id => new WebhookCounters { Failures = 1, Breaker = new WebhookBreaker { WebhookId = id, Status = BreakerStatus.Closed, Sequence = 0, Openings = 0 } })];
        _ledger.Counted(batch);
        return batch.Health.Select(change => (change.WebhookId, change.Attempts));
    }

    private StoreBatch Plan(DeliveryRecord[] records, bool all = false)
    {
        var batch = new StoreBatch { ClaimedTimestamp = _time.GetTimestamp() };
        batch.Records.AddRange(records);
        _ledger.Plan(batch, all);
        return batch;
    }

    private DeliveryRecord Success(long webhookId) => Record(webhookId, WebhookAttemptOutcome.Delivered, 200, null);

    private DeliveryRecord Failure(long webhookId) => Record(webhookId, WebhookAttemptOutcome.HttpError, 500, "The receiver answered 500.");

    private DeliveryRecord Record(long webhookId, WebhookAttemptOutcome outcome, int statusCode, string? error) => DeliveryRecord.Park(
        new LeasedDelivery
        {
            Id = ++_attempt,
            EventId = 1,
            EventUid = Guid.Empty,
            Trigger = "order.created",
            Payload = "{}"u8.ToArray(),
            WebhookId = webhookId,
            CreatedAt = 0,
            LeaseSequence = 1,
            Claims = 1,
            Attempts = 0,
            ClaimedTimestamp = 0,
        },
        new AttemptData { Number = 1, UrlNumber = 1, StartedAt = _attempt, DurationMs = 5, Outcome = outcome, StatusCode = statusCode, Error = error });

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; } = 1;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
