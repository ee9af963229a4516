using System.Text;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Test events, and events that are sent again.</summary>
public abstract class SendContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private const int Many = 40;

    [Fact]
    public async Task A_test_event_goes_to_one_webhook_alone_whatever_its_filters()
    {
        await RegisterAsync("other");
        var webhook = (await Registry.CreateAsync(
            new WebhookSettings
            {
                Name = "a",
                Url = "https://example.com/a",
                Triggers = ["order.paid"],
                Target = "17",
                Tenant = "acme",
                Filters = [new("country", "NL")],
            },
            Cancellation)).Webhook;

        var test = await Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation);

        var claimed = await ClaimOneAsync();
        Assert.Equal((test!.DeliveryId, test.EventId, webhook.Id), (claimed.Id, claimed.EventUid, claimed.WebhookId));
        var sent = await Events.FindAsync(test.EventId, Cancellation);
        Assert.Equal(("order.paid", "acme", "17"), (sent!.Trigger, sent.Tenant, sent.Target));
        Assert.StartsWith("webhooks-test-", sent.IdempotencyKey, StringComparison.Ordinal);
        Assert.Equal("""{"test":true}""", Encoding.UTF8.GetString(sent.Payload!.Value.Span));
    }

    [Fact]
    public async Task A_test_event_is_handed_over_as_any_other_event_is()
    {
        var webhook = await RegisterAsync();
        OpenHandover();

        var test = await Events.SendTestAsync(webhook.Id, "user.created", Cancellation);

        var delivery = await ReadAsync(test!.DeliveryId);
        Assert.Equal((WebhookDeliveryStatus.Leased, "user.created"), (delivery.Status, delivery.Trigger));
    }

    [Fact]
    public async Task Every_test_event_is_another_one()
    {
        var webhook = await RegisterAsync();

        var tests = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation)));

        Assert.Equal(10, tests.Select(test => test!.EventId).Distinct().Count());
        Assert.Equal(tests.Select(test => test!.DeliveryId).Order(), (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    [Fact]
    public async Task A_test_event_is_refused_where_nobody_could_get_it()
    {
        var webhook = await RegisterAsync(tenant: "acme");

        Assert.Null(await Events.SendTestAsync(987654321, cancellationToken: Cancellation));
        Assert.Null(await Events.ForTenant("other").SendTestAsync(webhook.Id, cancellationToken: Cancellation));
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => Events.SendTestAsync(webhook.Id, "order.shipped", Cancellation));
        Assert.Equal(("trigger", "unknown_trigger"), (refused.Errors[0].Field, refused.Errors[0].Code));
        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        await Assert.ThrowsAsync<WebhookDisabledException>(() => Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation));
        await Registry.DeleteAsync(webhook.Id, Cancellation);
        Assert.Null(await Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation));

        Assert.Empty((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task A_webhook_that_another_node_registered_or_disabled_a_moment_ago_is_tested_as_it_is_now()
    {
        await PublishAsync();
        var otherNode = Get<WebhookRepository>();
        var (webhook, _) = await otherNode.InsertAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, "a-secret-of-its-own", check: null, Cancellation);

        Assert.NotNull(await Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation));
        await otherNode.SetEnabledAsync(webhook.Id, enabled: false, reason: null, Cancellation);
        await Assert.ThrowsAsync<WebhookDisabledException>(() => Events.SendTestAsync(webhook.Id, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task An_event_is_sent_again_to_all_that_have_it_under_the_ids_of_their_deliveries()
    {
        var first = await RegisterAsync("first");
        var second = await RegisterAsync("second");
        await RegisterAsync("other", "user.created");
        var published = await PublishAsync();
        var deliveries = (await ClaimAsync()).Deliveries.OrderBy(delivery => delivery.Id).ToArray();
        Assert.True(await RecordAsync(DeliveryRecord.Finish(deliveries[0], Attempt(deliveries[0], 200), WebhookDeliveryStatus.Delivered, Now)));

        var sent = await Events.SendAgainAsync(published.Id, cancellationToken: Cancellation);

        Assert.Equal(
            [
                new(first.Id, deliveries[0].Id, WebhookRetryResult.Queued),
                new WebhookSending(second.Id, deliveries[1].Id, WebhookRetryResult.UnderWay),
            ],
            sent);
        Assert.Equal((deliveries[0].Id, 1), (await ClaimOneAsync()) is var again ? (again.Id, again.Attempts) : default);
    }

    [Fact]
    public async Task A_webhook_that_has_not_got_an_event_gets_one_delivery_of_it()
    {
        var published = await PublishAsync(payload: """{"id":17}""");
        var webhook = await RegisterAsync("late", "user.created");
        Time.Advance(TimeSpan.FromHours(1));

        var sent = Assert.Single((await Events.SendAgainAsync(published.Id, webhook.Id, Cancellation))!);
        var claimed = await ClaimOneAsync();
        var again = Assert.Single((await Events.SendAgainAsync(published.Id, webhook.Id, Cancellation))!);

        Assert.Equal((webhook.Id, WebhookRetryResult.Queued), (sent.WebhookId, sent.Result));
        Assert.Equal((sent.DeliveryId, published.Id, "order.created"), (claimed.Id, claimed.EventUid, claimed.Trigger));
        Assert.Equal("""{"id":17}""", Encoding.UTF8.GetString(claimed.Payload.Span));
        Assert.Equal(sent with { Result = WebhookRetryResult.UnderWay }, again);
        Assert.Equal(Time.GetUtcNow(), (await ReadAsync(claimed.Id)).CreatedAt);
        Assert.True(await RecordAsync(DeliveryRecord.Finish(claimed, Attempt(claimed, 200), WebhookDeliveryStatus.Delivered, Now)));
        Assert.Equal(sent, Assert.Single((await Events.SendAgainAsync(published.Id, webhook.Id, Cancellation))!));
        Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task Who_cannot_get_an_event_is_told_why_and_has_no_delivery()
    {
        var published = await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var webhook = await RegisterAsync(tenant: "acme");
        var other = await RegisterAsync(tenant: "other");

        Assert.Equal(WebhookRetryResult.NotFound, await SendAsync(published.Id, other.Id));
        Assert.Equal(WebhookRetryResult.NotFound, await SendAsync(published.Id, 987654321));
        Assert.Null(await Events.SendAgainAsync(Guid.NewGuid(), webhook.Id, Cancellation));
        Assert.Null(await Events.ForTenant("other").SendAgainAsync(published.Id, other.Id, Cancellation));
        Assert.Empty((await Events.ForTenant("acme").SendAgainAsync(published.Id, cancellationToken: Cancellation))!);
        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        Assert.Equal(WebhookRetryResult.WebhookDisabled, await SendAsync(published.Id, webhook.Id));
        await Registry.EnableAsync(webhook.Id, cancellationToken: Cancellation);
        await Get<RetentionRepository>().ErasePayloadsAsync(Now + 1, Cancellation);
        Assert.Equal(WebhookRetryResult.PayloadExpired, await SendAsync(published.Id, webhook.Id));
        await Registry.DeleteAsync(webhook.Id, Cancellation);
        Assert.Equal(WebhookRetryResult.WebhookDeleted, await SendAsync(published.Id, webhook.Id));

        Assert.Empty((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task Within_its_tenant_an_event_is_sent_again_as_without_tenants()
    {
        var published = await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var webhook = await RegisterAsync(tenant: "acme");
        var events = Events.ForTenant("acme");

        var added = Assert.Single((await events.SendAgainAsync(published.Id, webhook.Id, Cancellation))!);
        var again = Assert.Single((await events.SendAgainAsync(published.Id, cancellationToken: Cancellation))!);
        var test = await events.SendTestAsync(webhook.Id, cancellationToken: Cancellation);

        Assert.Equal(WebhookRetryResult.Queued, added.Result);
        Assert.Equal(added, again);
        Assert.Equal([added.DeliveryId!.Value, test!.DeliveryId], (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    [Fact]
    public async Task An_event_that_many_people_send_to_a_webhook_at_once_has_one_delivery_for_it()
    {
        var published = await PublishAsync();
        var webhook = await RegisterAsync();

        var sent = await AtOnceAsync(12, _ => Events.SendAgainAsync(published.Id, webhook.Id, Cancellation));

        var delivery = await ClaimOneAsync();
        Assert.All(sent, sendings => Assert.Equal([new WebhookSending(webhook.Id, delivery.Id, WebhookRetryResult.Queued)], sendings));
    }

    [Fact]
    public async Task An_event_that_is_sent_while_retention_runs_is_delivered_or_gone()
    {
        var published = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => PublishAsync()));
        var webhook = await RegisterAsync();
        Time.Advance(TimeSpan.FromDays(1));
        var retention = Get<RetentionRepository>();

        var deleting = AtOnceAsync(3, i => i == 0 ? retention.ErasePayloadsAsync(Now, Cancellation) : retention.DeleteEventsAsync(Now, Cancellation));
        var sent = await AtOnceAsync(Many, i => Events.SendAgainAsync(published[i].Id, webhook.Id, Cancellation));
        await deleting;

        var queued = sent.OfType<IReadOnlyList<WebhookSending>>().Select(Assert.Single).Where(sending => sending.Result == WebhookRetryResult.Queued);
        var claimed = (await ClaimAsync()).Deliveries;
        Assert.Equal(queued.Select(sending => sending.DeliveryId!.Value).Order(), claimed.Select(delivery => delivery.Id).Order());
        Assert.All(claimed, delivery => Assert.Equal(2, delivery.Payload.Length));
    }

    private async Task<WebhookRetryResult> SendAsync(Guid eventId, long webhookId)
    {
        var sending = Assert.Single((await Events.SendAgainAsync(eventId, webhookId, Cancellation))!);
        Assert.Equal((webhookId, null), (sending.WebhookId, sending.DeliveryId));
        return sending.Result;
    }
}
