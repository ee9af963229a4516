namespace Webhooks.Embedded.StoreContract;

/// <summary>Retries by a person.</summary>
public abstract class RetryContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_finished_delivery_goes_back_to_the_queue_under_its_id_with_its_attempts()
    {
        await RegisterAsync();
        var published = await PublishAsync();
        await FailAsync(500);
        Time.Advance(TimeSpan.FromMinutes(1));
        var id = await ExhaustAsync(502);

        Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(id, Cancellation));

        var waiting = await ReadAsync(id);
        Assert.Equal((WebhookDeliveryStatus.Retrying, 2, 502), (waiting.Status, waiting.Attempts, waiting.LastAttempt?.StatusCode));
        var claimed = await ClaimOneAsync();
        Assert.Equal((id, published.Id, 2), (claimed.Id, claimed.EventUid, claimed.Attempts));
        Assert.True(await RecordAsync(
            Storage.DeliveryRecord.Finish(claimed, Attempt(claimed, 200), WebhookDeliveryStatus.Delivered, Now)));
        Assert.Equal([500, 502, 200], (await Deliveries.AttemptsAsync(id, Cancellation)).Select(attempt => attempt.StatusCode));
        Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task A_delivery_that_waits_for_its_retry_is_due_at_once()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await FailAsync();

        Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(id, Cancellation));

        Assert.Equal(id, (await ClaimOneAsync()).Id);
    }

    [Fact]
    public async Task A_delivered_delivery_can_be_sent_again()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await DeliverAsync();

        Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(id, Cancellation));
        Assert.Equal(id, await DeliverAsync());
        Assert.Equal(2, (await ReadAsync(id)).Attempts);
    }

    [Fact]
    public async Task An_attempt_under_way_is_not_joined_by_a_second_one()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();

        Assert.Equal(WebhookRetryResult.UnderWay, await Deliveries.RetryAsync(delivery.Id, Cancellation));
        Assert.Empty((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task Each_id_of_many_is_answered_and_doubled_ones_once()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var first = await ExhaustAsync();
        await PublishAsync();
        var second = await ExhaustAsync();

        var retries = await Deliveries.RetryAsync([second, 987654321, first, second], Cancellation);

        Assert.Equal(
            [new(second, WebhookRetryResult.Queued), new(987654321, WebhookRetryResult.NotFound), new WebhookRetry(first, WebhookRetryResult.Queued)],
            retries);
        Assert.Equal(2, (await ClaimAsync()).Deliveries.Count);
        Assert.Equal([webhook.Id], (await Deliveries.FindAsync([first, second], Cancellation)).Select(d => d.WebhookId).Distinct());
    }

    [Fact]
    public async Task A_disabled_or_deleted_webhook_is_not_retried()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var id = await ExhaustAsync();

        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        Assert.Equal(WebhookRetryResult.WebhookDisabled, await Deliveries.RetryAsync(id, Cancellation));
        await Registry.DeleteAsync(webhook.Id, Cancellation);
        Assert.Equal(WebhookRetryResult.WebhookDeleted, await Deliveries.RetryAsync(id, Cancellation));
    }

    [Fact]
    public async Task Too_many_ids_are_refused()
    {
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(
            () => Deliveries.RetryAsync([.. Enumerable.Range(1, 1001).Select(id => (long)id)], Cancellation));
        Assert.Equal("ids", Assert.Single(refused.Errors).Field);
    }
}
