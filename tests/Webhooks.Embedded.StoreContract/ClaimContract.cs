using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Claims and leases: who has a delivery, until when, and whose word counts.</summary>
public abstract class ClaimContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_due_delivery_is_claimed_once()
    {
        var webhook = await RegisterAsync();
        var published = await PublishAsync(payload: """{"a":1}""");

        var delivery = await ClaimOneAsync();

        Assert.Equal((published.Id, webhook.Id, "order.created"), (delivery.EventUid, delivery.WebhookId, delivery.Trigger));
        Assert.Equal("""{"a":1}"""u8.ToArray(), delivery.Payload.ToArray());
        Assert.Equal((1, 0), (delivery.Claims, delivery.Attempts));
        Assert.Empty((await ClaimAsync()).Deliveries);
        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(delivery.Id)).Status);
    }

    [Fact]
    public async Task Many_claims_at_once_claim_each_delivery_once()
    {
        await RegisterAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => PublishAsync()));

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ClaimAsync(max: 40))));

        var ids = claims.SelectMany(claim => claim.Deliveries).Select(delivery => delivery.Id).ToArray();
        Assert.Equal(200, ids.Distinct().Count());
        Assert.Equal(200, ids.Length);
    }

    [Fact]
    public async Task A_delivery_that_is_handed_over_is_leased_already()
    {
        OpenHandover();
        await RegisterAsync();
        await PublishAsync();

        Assert.Empty((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task After_a_lease_has_ended_the_delivery_is_claimed_again_and_the_attempt_shown_as_interrupted()
    {
        OpenHandover();
        await RegisterAsync();
        await PublishAsync();
        var begun = Time.GetUtcNow();
        CloseHandover();

        Time.Advance(Lease);
        var delivery = await ClaimOneAsync();

        Assert.Equal((2, 1), (delivery.Claims, delivery.Attempts));
        var attempt = Assert.Single(await Deliveries.AttemptsAsync(delivery.Id, Cancellation));
        Assert.Equal((1, WebhookAttemptOutcome.Interrupted, begun), (attempt.Number, attempt.Outcome, attempt.StartedAt));
        Assert.Equal(1, (await ReadAsync(delivery.Id)).Attempts);
    }

    [Fact]
    public async Task A_delivery_that_a_node_took_with_it_a_month_ago_is_claimed_and_its_attempt_shown_as_long_as_can_be_said()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = (await ClaimOneAsync()).Id;

        Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(id, (await ClaimOneAsync()).Id);
        var attempt = Assert.Single(await Deliveries.AttemptsAsync(id, Cancellation));
        Assert.Equal((WebhookAttemptOutcome.Interrupted, TimeSpan.FromMilliseconds(int.MaxValue)), (attempt.Outcome, attempt.Duration));
    }

    [Fact]
    public async Task What_comes_after_the_lease_was_lost_changes_nothing_but_the_interrupted_attempt()
    {
        await RegisterAsync();
        await PublishAsync();
        var late = await ClaimOneAsync();
        Time.Advance(Lease);
        var current = await ClaimOneAsync();

        var lateHeld = await RecordAsync(DeliveryRecord.Finish(late, Attempt(late, 200), WebhookDeliveryStatus.Delivered, Now));

        Assert.False(lateHeld);
        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(current.Id)).Status);
        var attempt = Assert.Single(await Deliveries.AttemptsAsync(current.Id, Cancellation));
        Assert.Equal((1, WebhookAttemptOutcome.Delivered, 200), (attempt.Number, attempt.Outcome, attempt.StatusCode));
        Assert.Equal(("https://example.com/shop", 12, null), (attempt.Url, attempt.Duration.TotalMilliseconds, attempt.Error));
        Assert.Equal(("answer", "Server"), (attempt.ResponseBody, attempt.ResponseHeaders[0].Key));

        Assert.True(await RecordAsync(DeliveryRecord.Retry(current, Attempt(current, 500), Now + 1000)));
        Assert.Equal([200, 500], (await Deliveries.AttemptsAsync(current.Id, Cancellation)).Select(a => a.StatusCode));
    }

    [Fact]
    public async Task A_stale_outcome_does_not_touch_a_delivery_that_a_person_has_returned_to_the_queue()
    {
        await RegisterAsync();
        await PublishAsync();
        var stale = await ClaimOneAsync();
        Time.Advance(Lease);
        await ExhaustAsync();
        Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(stale.Id, Cancellation));
        await ClaimOneAsync();

        Assert.False(await RecordAsync(DeliveryRecord.Finish(stale, Attempt(stale, 200), WebhookDeliveryStatus.Delivered, Now)));
        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(stale.Id)).Status);
    }

    [Fact]
    public async Task A_released_delivery_is_due_at_once_and_was_not_attempted()
    {
        await RegisterAsync();
        await PublishAsync();
        var first = await ClaimOneAsync();

        Assert.True(await RecordAsync(DeliveryRecord.Release(first, Now)));
        var second = await ClaimOneAsync();

        Assert.Equal((1, 0), (second.Claims, second.Attempts));
        Assert.Empty(await Deliveries.AttemptsAsync(second.Id, Cancellation));
    }

    [Fact]
    public async Task A_failed_delivery_is_due_again_at_its_time_and_not_before()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await FailAsync();

        Assert.Equal(WebhookDeliveryStatus.Retrying, (await ReadAsync(id)).Status);
        Assert.Equal(Now + 60_000, (await ClaimAsync()).NextDueAt);
        Time.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.Empty((await ClaimAsync()).Deliveries);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        var delivery = await ClaimOneAsync();
        Assert.Equal((id, 1, 1), (delivery.Id, delivery.Claims, delivery.Attempts));
    }

    [Fact]
    public async Task A_claim_tells_when_the_next_delivery_is_due_also_of_a_webhook_of_which_it_claimed_one()
    {
        await RegisterAsync();
        await PublishAsync();
        await FailAsync();
        await PublishAsync();

        var claim = await ClaimAsync();

        Assert.Single(claim.Deliveries);
        Assert.Equal(Now + 60_000, claim.NextDueAt);
    }

    [Fact]
    public async Task However_long_a_claim_waits_for_its_turn_a_lease_never_seems_to_last_longer_than_it_does()
    {
        await RegisterAsync();
        await PublishAsync();
        Task<ClaimResult> claim;
        await using (await Dialect.BeginWriteAsync(Cancellation))
        {
            claim = ClaimAsync();
            Time.Advance(TimeSpan.FromSeconds(30));
        }

        var first = Assert.Single((await claim).Deliveries);
        Time.Advance(Lease - TimeSpan.FromSeconds(30));

        var second = await ClaimOneAsync();
        Assert.Equal(first.Id, second.Id);
        Assert.True(Time.GetElapsedTime(first.ClaimedTimestamp) >= Lease);
    }

    [Fact]
    public async Task A_parked_delivery_is_not_claimed()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();

        Assert.True(await RecordAsync(DeliveryRecord.Park(delivery, Attempt(delivery, 500))));
        Time.Advance(TimeSpan.FromDays(400));

        Assert.Empty((await ClaimAsync()).Deliveries);
        var parked = await ReadAsync(delivery.Id);
        Assert.Equal((WebhookDeliveryStatus.Parked, 1), (parked.Status, parked.Attempts));
        Assert.Null(parked.DueAt);
    }

    [Fact]
    public async Task A_claim_serves_many_webhooks_however_large_the_backlog_of_one_is()
    {
        var busy = await RegisterAsync("busy");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PublishAsync()));
        var calm = await RegisterAsync("calm", "user.created");
        await PublishAsync("user.created");

        var claim = await ClaimAsync(max: 10, maxPerWebhook: 5);

        Assert.Equal(5, claim.Deliveries.Count(delivery => delivery.WebhookId == busy.Id));
        Assert.Equal(1, claim.Deliveries.Count(delivery => delivery.WebhookId == calm.Id));
    }

    [Fact]
    public async Task The_next_claim_goes_on_after_the_webhook_where_the_last_one_ended_and_leaves_out_full_lanes()
    {
        var webhooks = new List<Webhook>();
        for (var i = 0; i < 4; i++)
        {
            webhooks.Add(await RegisterAsync($"w{i}"));
        }

        await PublishAsync();
        await PublishAsync();

        var first = await ClaimAsync(max: 2, maxPerWebhook: 1);
        var second = await ClaimAsync(max: 2, maxPerWebhook: 1, afterWebhookId: first.LastWebhookId);
        var third = await ClaimAsync(max: 10, maxPerWebhook: 10, second.LastWebhookId, excluded: webhooks[0].Id);

        Assert.Equal([webhooks[0].Id, webhooks[1].Id], first.Deliveries.Select(delivery => delivery.WebhookId));
        Assert.Equal([webhooks[2].Id, webhooks[3].Id], second.Deliveries.Select(delivery => delivery.WebhookId));
        Assert.Equal(webhooks.Skip(1).Select(webhook => webhook.Id), third.Deliveries.Select(delivery => delivery.WebhookId).Order());
    }

    [Fact]
    public async Task A_claim_tells_the_version_of_the_webhooks()
    {
        var before = (await ClaimAsync()).CatalogueVersion;
        await RegisterAsync();
        Assert.True((await ClaimAsync()).CatalogueVersion > before);
    }
}
