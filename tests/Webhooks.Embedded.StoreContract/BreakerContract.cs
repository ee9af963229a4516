using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>What the store counts of each webhook, and its breaker: shared by all nodes, changed by one of them at a time.</summary>
public abstract class BreakerContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private BreakerRepository Breakers => Get<BreakerRepository>();

    [Fact]
    public async Task Failures_are_counted_in_a_row_and_a_success_ends_the_row()
    {
        var webhook = await RegisterAsync();

        var first = await WriteAsync(webhook, "f");
        var since = first!.FailingSince;
        Time.Advance(TimeSpan.FromSeconds(1));
        var third = await WriteAsync(webhook, "ff");

        Assert.Equal((1, 3), (first.Failures, third!.Failures));
        Assert.Equal(since, third.FailingSince);
        Assert.Null(await WriteAsync(webhook, "s"));
        var counters = await Breakers.ReadAsync(webhook.Id, Cancellation);
        Assert.Equal((0, null), (counters!.Failures, counters.FailingSince));
    }

    [Theory]
    [InlineData("fsff", 2, 4, 3)]
    [InlineData("ffff", 4, 4, 4)]
    [InlineData("sssf", 1, 4, 1)]
    [InlineData("fffs", 0, 4, 3)]
    public async Task Within_a_batch_the_order_in_which_attempts_were_over_counts(string outcomes, int inARow, int attempts, int failures)
    {
        var webhook = await RegisterAsync();
        await WriteAsync(webhook, outcomes);
        var counters = await Breakers.ReadAsync(webhook.Id, Cancellation);
        Assert.Equal((inARow, attempts, failures), (counters!.Failures, counters.WindowAttempts, counters.WindowFailures));
    }

    [Fact]
    public async Task The_window_begins_anew_after_five_minutes()
    {
        var webhook = await RegisterAsync();
        await WriteAsync(webhook, "fff");
        Time.Advance(TimeSpan.FromMilliseconds(WebhookCounters.WindowMs - 1));
        var last = await WriteAsync(webhook, "f");
        Time.Advance(TimeSpan.FromMilliseconds(1));
        var next = await WriteAsync(webhook, "f");

        Assert.Equal((4, 4), (last!.WindowAttempts, last.WindowFailures));
        Assert.Equal((1, 1, 5), (next!.WindowAttempts, next.WindowFailures, next.Failures));
    }

    [Fact]
    public async Task What_is_not_the_receivers_doing_is_not_counted()
    {
        var webhook = await RegisterAsync();
        foreach (var outcome in new[]
        {
            WebhookAttemptOutcome.Interrupted, WebhookAttemptOutcome.SecretUnreadable, WebhookAttemptOutcome.SignatureFailed, WebhookAttemptOutcome.Internal,
        })
        {
            await PublishAsync();
            await FailAsync(null, outcome);
        }

        var counters = await Breakers.ReadAsync(webhook.Id, Cancellation);
        Assert.Equal((0, 0, null), (counters!.Failures, counters.WindowAttempts, counters.FailingSince));
        Assert.NotNull((await Registry.FindAsync(webhook.Id, Cancellation))!.LastFailureAt);
    }

    [Fact]
    public async Task Counters_are_told_of_those_webhooks_alone_that_do_not_do_well()
    {
        var (well, failing, open) = (await RegisterAsync("a"), await RegisterAsync("b"), await RegisterAsync("c"));
        Assert.True(await Breakers.TryChangeAsync(0, Open(open, 0), Cancellation));
        var batch = await BatchAsync((well, "s"), (failing, "f"), (open, "s"));

        await Dialect.WriteAsync(batch, Cancellation);

        Assert.Equal([failing.Id, open.Id], batch.Unwell.Select(counters => counters.WebhookId).Order());
        Assert.Empty(batch.Skipped);
        var told = batch.Unwell.Single(counters => counters.WebhookId == open.Id);
        Assert.Equal((BreakerStatus.Open, 1, 1, 1), (told.Breaker.Status, told.Breaker.Sequence, told.Breaker.Openings, told.Successes));
        Assert.Equal((Now + 1000, PauseReason.Breaker), (told.Breaker.PausedUntil, told.Breaker.PauseReason));
    }

    [Fact]
    public async Task An_attempt_that_is_recorded_knows_the_counters_after_it()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        var record = DeliveryRecord.Retry(delivery, Attempt(delivery, 500), Now + 1000);

        await RecordAsync(record);

        Assert.Equal((webhook.Id, 1), (record.Counters!.WebhookId, record.Counters.Failures));
    }

    [Fact]
    public async Task Successes_are_counted_since_the_breaker_last_changed_and_the_window_begins_with_its_status()
    {
        var webhook = await RegisterAsync();
        await WriteAsync(webhook, "sssf");
        await Breakers.TryChangeAsync(0, Open(webhook, 0), Cancellation);
        Assert.Equal(0, (await Breakers.ReadAsync(webhook.Id, Cancellation))!.WindowAttempts);

        var counters = await WriteAsync(webhook, "ss");
        Assert.Equal((2, 2), (counters!.Successes, counters.WindowAttempts));
        await Breakers.TryChangeAsync(1, Open(webhook, 0) with { Openings = 2 }, Cancellation);
        counters = await WriteAsync(webhook, "s");
        Assert.Equal((1, 3), (counters!.Successes, counters.WindowAttempts));
    }

    [Fact]
    public async Task Of_several_nodes_that_change_a_breaker_at_once_one_does()
    {
        var webhook = await RegisterAsync();
        await Breakers.TryChangeAsync(0, Open(webhook, 0), Cancellation);
        var probe = Open(webhook, 1) with { Status = BreakerStatus.HalfOpen };

        var changed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Breakers.TryChangeAsync(1, probe, Cancellation)));

        Assert.Single(changed, won => won);
        Assert.Equal(2, (await Breakers.ReadAsync(webhook.Id, Cancellation))!.Breaker.Sequence);
    }

    [Fact]
    public async Task Of_several_nodes_that_pause_a_webhook_at_once_one_does_and_knows_the_sequence_number()
    {
        var webhook = await RegisterAsync();

        var paused = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Breakers.TryPauseAsync(webhook.Id, PauseReason.RateLimit, Now, Now + 1000, Cancellation)));

        Assert.Equal([1L], paused.OfType<long>());
        Assert.Null(await Breakers.TryPauseAsync(webhook.Id, PauseReason.RateLimit, Now + 999, Now + 2000, Cancellation));
        Assert.Equal(2, await Breakers.TryPauseAsync(webhook.Id, PauseReason.RateLimit, Now + 1000, Now + 2000, Cancellation));
    }

    [Fact]
    public async Task A_deleted_webhook_has_no_breaker()
    {
        var webhook = await RegisterAsync();
        await WriteAsync(webhook, "f");
        await Registry.DeleteAsync(webhook.Id, Cancellation);
        Assert.False(await Breakers.TryChangeAsync(0, Open(webhook, 0), Cancellation));
        Assert.Null(await Breakers.ReadAsync(webhook.Id, Cancellation));
    }

    [Fact]
    public async Task A_persons_wish_ends_the_pause_of_an_open_breaker_and_no_pause_that_the_receiver_asked_for()
    {
        var (open, asked) = (await RegisterAsync("a"), await RegisterAsync("b"));
        await Breakers.TryChangeAsync(0, Open(open, 0), Cancellation);
        await Breakers.TryChangeAsync(0, Open(asked, 0) with { PauseReason = PauseReason.Receiver }, Cancellation);

        Assert.True(await Breakers.EndPauseAsync(open.Id, Cancellation));
        Assert.False(await Breakers.EndPauseAsync(asked.Id, Cancellation));

        Assert.Equal((BreakerStatus.Open, Now, 2), StateOf(await Breakers.ReadAsync(open.Id, Cancellation)));
        Assert.Equal((BreakerStatus.Open, Now + 1000, 1), StateOf(await Breakers.ReadAsync(asked.Id, Cancellation)));
    }

    [Fact]
    public async Task A_warning_is_given_by_one_node_and_again_only_after_a_success()
    {
        var webhook = await RegisterAsync();
        var counters = await WriteAsync(webhook, "f");

        var given = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Breakers.TryWarnAsync(counters!, 1, Cancellation)));

        Assert.Single(given, won => won);
        Assert.True(await Breakers.TryWarnAsync(counters!, 2, Cancellation));
        await WriteAsync(webhook, "s");
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await Breakers.TryWarnAsync(counters!, 3, Cancellation));
        counters = await WriteAsync(webhook, "f");
        Assert.True(await Breakers.TryWarnAsync(counters!, 1, Cancellation));
    }

    [Fact]
    public async Task A_webhook_that_was_disabled_begins_anew_and_slowly_when_it_is_enabled()
    {
        var webhook = await RegisterAsync();
        await WriteAsync(webhook, "fff");
        await Breakers.TryChangeAsync(0, Open(webhook, 0) with { Openings = 4 }, Cancellation);
        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);

        await Registry.EnableAsync(webhook.Id, cancellationToken: Cancellation);

        var counters = (await Breakers.ReadAsync(webhook.Id, Cancellation))!;
        Assert.Equal((BreakerStatus.Recovering, null, 2), StateOf(counters));
        Assert.Equal((1, 0, null), (counters.Breaker.SlowStart, counters.Breaker.Openings, counters.Breaker.PauseReason));
        Assert.Equal((0, null, 0, 0), (counters.Failures, counters.FailingSince, counters.Warnings, counters.WindowAttempts));
    }

    [Fact]
    public async Task Enabling_a_webhook_that_is_enabled_leaves_its_breaker_alone()
    {
        var webhook = await RegisterAsync();
        await Breakers.TryChangeAsync(0, Open(webhook, 0), Cancellation);
        await Registry.EnableAsync(webhook.Id, cancellationToken: Cancellation);
        Assert.Equal((BreakerStatus.Open, Now + 1000, 1), StateOf(await Breakers.ReadAsync(webhook.Id, Cancellation)));
    }

    private static (BreakerStatus Status, long? PausedUntil, long Sequence) StateOf(WebhookCounters? counters) =>
        (counters!.Breaker.Status, counters.Breaker.PausedUntil, counters.Breaker.Sequence);

    private WebhookBreaker Open(Webhook webhook, long sequence) => new()
    {
        WebhookId = webhook.Id,
        Status = BreakerStatus.Open,
        Sequence = sequence + 1,
        Openings = 1,
        PausedUntil = Now + 1000,
        PauseReason = PauseReason.Breaker,
    };

    /// <summary>Records attempts in one batch and returns what it tells of the webhook. They were over in the order of the letters: f failed, s delivered.</summary>
    private async Task<WebhookCounters?> WriteAsync(Webhook webhook, string outcomes)
    {
        var batch = await BatchAsync((webhook, outcomes));
        await Dialect.WriteAsync(batch, Cancellation);
        return batch.Unwell.SingleOrDefault(counters => counters.WebhookId == webhook.Id);
    }

    private async Task<StoreBatch> BatchAsync(params (Webhook Webhook, string Outcomes)[] attempts)
    {
        var batch = new StoreBatch { Now = Now, LeaseEnd = Now + 60_000 };
        foreach (var (webhook, outcomes) in attempts)
        {
            foreach (var (order, outcome) in outcomes.Index().Reverse())
            {
                batch.Records.Add(DeliveryRecord.Park(
                    new LeasedDelivery
                    {
                        Id = 1000 + (webhook.Id * 100) + order,
                        EventId = 1,
                        EventUid = Guid.Empty,
                        Trigger = "order.created",
                        Payload = "{}"u8.ToArray(),
                        WebhookId = webhook.Id,
                        CreatedAt = Now,
                        LeaseSequence = 1,
                        Claims = 1,
                        Attempts = 0,
                        ClaimedTimestamp = 0,
                    },
                    new AttemptData
                    {
                        Number = 1,
                        UrlNumber = 1,
                        StartedAt = Now - 1000 + order,
                        DurationMs = 5,
                        Outcome = outcome == 's' ? WebhookAttemptOutcome.Delivered : WebhookAttemptOutcome.HttpError,
                        StatusCode = outcome == 's' ? 200 : 500,
                        Error = outcome == 's' ? null : "The receiver answered 500.",
                    }));
            }
        }

        await Task.CompletedTask;
        new HealthLedger(TimeProvider.System).Plan(batch, all: true);
        return batch;
    }
}
