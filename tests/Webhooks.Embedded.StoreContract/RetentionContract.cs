using Dapper;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Retention: what is old and finished goes, what is not finished never does.</summary>
public abstract class RetentionContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private RetentionRepository Retention => Get<RetentionRepository>();

    private FormerUrlRepository FormerUrls => Get<FormerUrlRepository>();

    [Fact]
    public async Task Old_finished_deliveries_go_with_their_attempts_and_events()
    {
        await RegisterAsync();
        var old = await PublishAsync();
        await FailAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        var oldDelivery = await DeliverAsync();
        Time.Advance(TimeSpan.FromDays(1));
        var recent = await PublishAsync();
        var recentDelivery = await DeliverAsync();

        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now - 1000, Cancellation));
        Assert.Equal(1, await Retention.DeleteEventsAsync(Now - 1000, Cancellation));

        Assert.Null(await Deliveries.FindAsync(oldDelivery, Cancellation));
        Assert.Empty(await Deliveries.AttemptsAsync(oldDelivery, Cancellation));
        Assert.Null(await Events.FindAsync(old.Id, Cancellation));
        Assert.NotNull(await Deliveries.FindAsync(recentDelivery, Cancellation));
        Assert.NotNull(await Events.FindAsync(recent.Id, Cancellation));
    }

    [Fact]
    public async Task What_is_not_finished_stays_however_old_it_is()
    {
        await RegisterAsync();
        var published = await PublishAsync();
        var id = await FailAsync();
        Time.Advance(TimeSpan.FromDays(400));

        Assert.Equal(0, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(0, await Retention.DeleteEventsAsync(Now, Cancellation));
        Assert.Equal(0, await Retention.ErasePayloadsAsync(Now, Cancellation));

        Assert.Single(await Deliveries.AttemptsAsync(id, Cancellation));
        Assert.NotNull((await Events.FindAsync(published.Id, Cancellation))!.Payload);
    }

    [Fact]
    public async Task An_event_stays_as_long_as_one_of_its_deliveries()
    {
        await RegisterAsync("a");
        await RegisterAsync("b");
        var published = await PublishAsync();
        var claim = await ClaimAsync();
        await RecordAsync(DeliveryRecord.Finish(claim.Deliveries[0], Attempt(claim.Deliveries[0], 200), WebhookDeliveryStatus.Delivered, Now));
        Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(0, await Retention.DeleteEventsAsync(Now, Cancellation));

        Assert.NotNull(await Events.FindAsync(published.Id, Cancellation));
    }

    [Fact]
    public async Task Without_its_payload_a_delivery_stays_in_the_log_and_cannot_be_retried()
    {
        await RegisterAsync();
        var published = await PublishAsync();
        var id = await ExhaustAsync();
        Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(1, await Retention.ErasePayloadsAsync(Now, Cancellation));

        Assert.Null((await Events.FindAsync(published.Id, Cancellation))!.Payload);
        Assert.Null((await ReadAsync(id)).Payload);
        Assert.Equal(WebhookRetryResult.PayloadExpired, await Deliveries.RetryAsync(id, Cancellation));
        Assert.Equal(0, await Retention.ErasePayloadsAsync(Now, Cancellation));
    }

    [Fact]
    public async Task A_URL_that_was_replaced_goes_when_nothing_in_the_log_names_it_any_more()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var first = await FailAsync();
        await MoveAsync("https://example.com/second");
        var (in20Days, in40Days) = (Now + (20L * 24 * 3_600_000), Now + (40L * 24 * 3_600_000));
        var again = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Retry(again, Attempt(again, 500, urlNumber: 2), in20Days)));
        await PublishAsync();
        var second = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Finish(second, Attempt(second, 200, urlNumber: 2), WebhookDeliveryStatus.Delivered, in40Days)));
        await MoveAsync("https://example.com/third");

        // Old, but the log names both: one delivery waits in the queue, the other has not been finished for long.
        Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, await FormerUrls.DeleteAsync(Now, Cancellation));
        Assert.Equal([webhook.Url, "https://example.com/second"], (await Deliveries.AttemptsAsync(first, Cancellation)).Select(attempt => attempt.Url));

        // Without the first delivery only the second URL is named; what has gone to the third since then keeps neither.
        Assert.Equal(first, await DeliverAsync());
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync();
        await DeliverAsync();
        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(1, await FormerUrls.DeleteAsync(Now, Cancellation));
        Assert.Equal("https://example.com/second", Assert.Single(await Deliveries.AttemptsAsync(second.Id, Cancellation)).Url);

        await PublishAsync();
        await FailAsync();
        Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(2, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(1, await FormerUrls.DeleteAsync(Now, Cancellation));
        Assert.Equal(1, await CountAsync(Dialect.Tables.Urls));

        async Task MoveAsync(string url)
        {
            await Registry.ChangeAsync(webhook.Id, webhook.ToSettings() with { Url = url }, Cancellation);

            // Nodes may still send to the former one: it is noted when they have heard of the change, and not yet.
            Assert.Equal(0, await FormerUrls.DeleteAsync(Now + 1, Cancellation));
            Time.Advance(TimeSpan.FromMinutes(2));
            Assert.Equal(0, await FormerUrls.DeleteAsync(Now, Cancellation));
        }
    }

    [Fact]
    public async Task Secrets_are_erased_when_their_overlap_is_over()
    {
        var webhook = await RegisterAsync();
        await Registry.RotateSecretAsync(webhook.Id, overlap: TimeSpan.FromHours(1), cancellationToken: Cancellation);

        Assert.Equal(0, await Retention.DeleteExpiredSecretsAsync(Cancellation));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await Retention.DeleteExpiredSecretsAsync(Cancellation));
    }

    [Fact]
    public async Task What_was_retried_for_days_stays_until_its_own_end_is_old_and_goes_then()
    {
        await RegisterAsync();
        await PublishAsync();
        var late = await FailAsync();
        await PublishAsync();
        var early = await DeliverAsync();
        Time.Advance(TimeSpan.FromDays(3));
        var finished = Now;
        Assert.Equal(late, await ExhaustAsync());

        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(1, await Retention.DeleteEventsAsync(Now, Cancellation));
        Assert.Null(await Deliveries.FindAsync(early, Cancellation));
        Assert.Equal(2, (await Deliveries.AttemptsAsync(late, Cancellation)).Count);

        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(finished + 1, Cancellation));
        Assert.Equal(1, await Retention.DeleteEventsAsync(finished + 1, Cancellation));
        Assert.Null(await Deliveries.FindAsync(late, Cancellation));
    }

    [Fact]
    public async Task An_event_goes_after_its_last_delivery_though_it_was_passed_over_before()
    {
        await RegisterAsync();
        var published = await PublishAsync();
        await FailAsync();
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, 0), (await Retention.DeleteEventsAsync(Now, Cancellation), await Retention.ErasePayloadsAsync(Now, Cancellation)));
        await DeliverAsync();

        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await Retention.ErasePayloadsAsync(Now, Cancellation));
        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
        Assert.Equal(0, await Retention.DeleteEventsAsync(Now - (long)TimeSpan.FromDays(2).TotalMilliseconds, Cancellation));
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await Retention.DeleteEventsAsync(Now, Cancellation));
        Assert.Null(await Events.FindAsync(published.Id, Cancellation));
    }

    [Fact]
    public async Task A_large_log_goes_batch_by_batch_and_nothing_of_it_is_left()
    {
        await StoreFinishedAsync(1, 1200, at: Now);
        Time.Advance(TimeSpan.FromDays(1));

        var deleted = new List<int>();
        while (await Retention.DeleteDeliveriesAsync(Now, Cancellation) is > 0 and var some)
        {
            deleted.Add(some);
        }

        Assert.Equal([500, 500, 200], deleted);
    }

    [Fact]
    public async Task What_is_recent_is_not_looked_through_and_what_was_passed_over_only_every_ten_minutes()
    {
        var (start, day) = (Now, (long)TimeSpan.FromDays(1).TotalMilliseconds);
        var walk = new RetentionWalk(
            Get<WebhookDatabase>(), Get<StoreClock>(), Dialect.Tables.Deliveries, "x.finished_at", "t.finished_at < @Before");
        await StoreFinishedAsync(1, 1, at: start, finishedAt: start + day);
        await StoreFinishedAsync(2, 5, at: start + (2 * day));
        Time.Advance(TimeSpan.FromDays(2));

        var found = await walk.NextAsync(start + day, Cancellation);
        walk.Pass(found);
        Assert.Equal((0, 1, true), (found.Ids.Count, found.LastId, found.IsAll));
        Assert.Empty((await walk.NextAsync(start + day + 1, Cancellation)).Ids);
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([1L], (await walk.NextAsync(start + day + 1, Cancellation)).Ids);
    }

    [Fact]
    public async Task A_time_to_come_of_a_clock_that_was_wrong_keeps_nothing_else()
    {
        await StoreFinishedAsync(1, 1, at: Now + (long)TimeSpan.FromDays(900).TotalMilliseconds);
        await StoreFinishedAsync(2, 1, at: Now);
        Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(1, await Retention.DeleteDeliveriesAsync(Now, Cancellation));
    }

    [Fact]
    public async Task What_could_not_be_deleted_is_deleted_at_the_next_try()
    {
        await StoreFinishedAsync(1, 1, at: Now);
        Time.Advance(TimeSpan.FromDays(1));
        var walk = new RetentionWalk(
            Get<WebhookDatabase>(), Get<StoreClock>(), Dialect.Tables.Deliveries, "x.finished_at", "t.finished_at < @Before");

        Assert.Equal([1L], (await walk.NextAsync(Now, Cancellation)).Ids);
        var again = await walk.NextAsync(Now, Cancellation);
        Assert.Equal([1L], again.Ids);
        walk.Pass(again);
        Assert.Empty((await walk.NextAsync(Now, Cancellation)).Ids);
    }

    /// <summary>Finished deliveries, of no event there is, with ids from one on.</summary>
    private Task StoreFinishedAsync(long firstId, int count, long at, long? finishedAt = null) =>
        Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                insert into {Dialect.Tables.Deliveries}
                    (id, event_id, webhook_id, status, lease_seq, attempts, created_at, finished_at, response_truncated)
                values (@Id, 0, 0, 1, 1, 0, @At, @FinishedAt, 0)
                """,
                Enumerable.Range(0, count).Select(i => new { Id = firstId + i, At = at, FinishedAt = finishedAt ?? at }),
                transaction),
            Cancellation);
}
