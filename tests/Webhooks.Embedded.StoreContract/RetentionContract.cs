using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Retention: what is old and finished goes, what is not finished never does.</summary>
public abstract class RetentionContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private RetentionRepository Retention => Get<RetentionRepository>();

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
    public async Task Secrets_are_erased_when_their_overlap_is_over()
    {
        var webhook = await RegisterAsync();
        await Registry.RotateSecretAsync(webhook.Id, overlap: TimeSpan.FromHours(1), cancellationToken: Cancellation);

        Assert.Equal(0, await Retention.DeleteExpiredSecretsAsync(Cancellation));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await Retention.DeleteExpiredSecretsAsync(Cancellation));
    }
}
