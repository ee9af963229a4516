using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Deliveries that a person gives up.</summary>
public abstract class CancelContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_delivery_that_was_not_attempted_is_finished_without_an_attempt()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items).Id;

        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.CancelAsync(id, Cancellation));

        var cancelled = await ReadAsync(id);
        Assert.Equal((WebhookDeliveryStatus.Cancelled, 0), (cancelled.Status, cancelled.Attempts));
        Assert.Equal(Time.GetUtcNow(), cancelled.FinishedAt);
        Assert.Null(cancelled.LastAttempt);
        Assert.Empty((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task A_delivery_that_waits_for_its_retry_keeps_its_attempts()
    {
        await RegisterAsync();
        await PublishAsync();
        await FailAsync(500);
        Time.Advance(TimeSpan.FromMinutes(1));
        var id = await FailAsync(502);

        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.CancelAsync(id, Cancellation));

        var cancelled = await ReadAsync(id);
        Assert.Equal((WebhookDeliveryStatus.Cancelled, 2, 502), (cancelled.Status, cancelled.Attempts, cancelled.LastAttempt?.StatusCode));
        Assert.Equal([500, 502], (await Deliveries.AttemptsAsync(id, Cancellation)).Select(attempt => attempt.StatusCode));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Empty((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task An_attempt_that_was_never_reported_is_shown_as_interrupted_for_its_receiver_may_have_got_it()
    {
        await RegisterAsync();
        await PublishAsync();
        await FailAsync(500);
        Time.Advance(TimeSpan.FromMinutes(1));
        var delivery = await ClaimOneAsync();
        var startedAt = Time.GetUtcNow();
        Time.Advance(Lease);

        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.CancelAsync(delivery.Id, Cancellation));

        var cancelled = await ReadAsync(delivery.Id);
        Assert.Equal((WebhookDeliveryStatus.Cancelled, 2), (cancelled.Status, cancelled.Attempts));
        Assert.Equal(
            (2, WebhookAttemptOutcome.Interrupted, startedAt, Lease),
            (cancelled.LastAttempt!.Number, cancelled.LastAttempt.Outcome, cancelled.LastAttempt.StartedAt, cancelled.LastAttempt.Duration));
        Assert.Equal(
            [WebhookAttemptOutcome.HttpError, WebhookAttemptOutcome.Interrupted],
            (await Deliveries.AttemptsAsync(delivery.Id, Cancellation)).Select(attempt => attempt.Outcome));
    }

    [Fact]
    public async Task A_parked_delivery_is_cancelled()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        var id = Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items).Id;

        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.CancelAsync(id, Cancellation));

        Assert.Equal(WebhookDeliveryStatus.Cancelled, (await ReadAsync(id)).Status);
    }

    [Fact]
    public async Task An_attempt_under_way_is_not_touched_until_its_lease_ends()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();

        Assert.Equal(WebhookCancelResult.UnderWay, await Deliveries.CancelAsync(delivery.Id, Cancellation));

        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(delivery.Id)).Status);
        Time.Advance(Lease);
        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.CancelAsync(delivery.Id, Cancellation));
        Assert.False(await RecordAsync(
            DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now)));

        // The outcome came too late: the log says that the receiver may have got it.
        var cancelled = await ReadAsync(delivery.Id);
        Assert.Equal(
            (WebhookDeliveryStatus.Cancelled, 1, WebhookAttemptOutcome.Interrupted), (cancelled.Status, cancelled.Attempts, cancelled.LastAttempt?.Outcome));
    }

    [Fact]
    public async Task What_was_cancelled_can_be_retried()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await FailAsync();
        await Deliveries.CancelAsync(id, Cancellation);

        Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(id, Cancellation));

        Assert.Equal(id, await DeliverAsync());
        Assert.Equal(2, (await ReadAsync(id)).Attempts);
    }

    [Fact]
    public async Task Each_id_of_many_is_answered_and_doubled_ones_once()
    {
        await RegisterAsync();
        await PublishAsync();
        var finished = await ExhaustAsync();
        await PublishAsync();
        var underWay = (await ClaimOneAsync()).Id;
        await PublishAsync();
        var due = (await Deliveries.ListAsync(new WebhookDeliveryQuery { Statuses = [WebhookDeliveryStatus.Pending] }, Cancellation)).Items.Single().Id;

        var answers = await Deliveries.CancelAsync([due, 987654321, underWay, finished, due], Cancellation);

        Assert.Equal(
            [
                new(due, WebhookCancelResult.Cancelled),
                new(987654321, WebhookCancelResult.NotFound),
                new(underWay, WebhookCancelResult.UnderWay),
                new WebhookCancellation(finished, WebhookCancelResult.AlreadyFinished),
            ],
            answers);
        Assert.Equal(WebhookDeliveryStatus.Exhausted, (await ReadAsync(finished)).Status);
    }

    [Fact]
    public async Task Another_tenants_delivery_is_not_found()
    {
        await RegisterAsync(tenant: "acme");
        await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var waiting = await FailAsync();
        await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var finished = await ExhaustAsync();

        var others = await Deliveries.ForTenant("evil").CancelAsync([waiting, finished], Cancellation);

        Assert.All(others, answer => Assert.Equal(WebhookCancelResult.NotFound, answer.Result));
        Assert.Equal(WebhookDeliveryStatus.Retrying, (await ReadAsync(waiting)).Status);
        Assert.Equal(WebhookCancelResult.Cancelled, await Deliveries.ForTenant("acme").CancelAsync(waiting, Cancellation));
    }

    [Fact]
    public async Task Too_many_ids_are_refused()
    {
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(
            () => Deliveries.CancelAsync([.. Enumerable.Range(1, 1001).Select(id => (long)id)], Cancellation));
        Assert.Equal("ids", Assert.Single(refused.Errors).Field);
    }
}
