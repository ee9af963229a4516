namespace Webhooks.Embedded.StoreContract;

/// <summary>Publishing: what is durable when the call returns, and for whom.</summary>
public abstract class PublishContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_published_event_can_be_read_with_exactly_its_bytes()
    {
        const string payload = """{ "n": 1.50, "n": -0, "text": "\u0000 é 日本 😀 \u2028" }""";

        var published = await PublishAsync("order.paid", new PublishOptions { Tenant = "acme", Target = "17" }, payload);

        var stored = await Events.FindAsync(published.Id, Cancellation);
        Assert.NotNull(stored);
        Assert.Equal(payload, System.Text.Encoding.UTF8.GetString(stored.Payload!.Value.Span));
        Assert.Equal(("order.paid", "acme", "17"), (stored.Trigger, stored.Tenant, stored.Target));
        Assert.Equal(Time.GetUtcNow(), stored.PublishedAt);
    }

    [Fact]
    public async Task An_event_makes_one_delivery_for_each_webhook_that_wants_it()
    {
        var all = await RegisterAsync("all", "*");
        var prefix = await RegisterAsync("prefix", "order.*");
        var exact = await RegisterAsync("exact", "order.created");
        await RegisterAsync("other", "user.created");
        await RegisterAsync("elsewhere", "*", tenant: "acme");
        await RegisterAsync("target", "*", target: "17");

        var published = await PublishAsync();

        Assert.Equal(3, published.Deliveries);
        var page = await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation);
        Assert.Equal([exact.Id, prefix.Id, all.Id], page.Items.Select(delivery => delivery.WebhookId));
        Assert.All(page.Items, delivery => Assert.Equal(WebhookDeliveryStatus.Pending, delivery.Status));
    }

    [Fact]
    public async Task A_webhook_with_a_target_gets_events_of_that_target_only()
    {
        await RegisterAsync(target: "17");

        Assert.Equal(1, (await PublishAsync(options: new PublishOptions { Target = "17" })).Deliveries);
        Assert.Equal(0, (await PublishAsync(options: new PublishOptions { Target = "18" })).Deliveries);
        Assert.Equal(0, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task A_webhook_gets_events_of_its_own_tenant_only()
    {
        await RegisterAsync(tenant: "acme");

        Assert.Equal(1, (await PublishAsync(options: new PublishOptions { Tenant = "acme" })).Deliveries);
        Assert.Equal(0, (await PublishAsync(options: new PublishOptions { Tenant = "ACME" })).Deliveries);
        Assert.Equal(0, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task A_webhook_that_was_registered_a_moment_ago_misses_no_event()
    {
        await PublishAsync();
        await RegisterAsync();

        Assert.Equal(1, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task A_webhook_that_another_node_registered_or_disabled_a_moment_ago_gets_what_it_should()
    {
        await PublishAsync();

        // Behind the back of what this node remembers of the webhooks, as another node does it.
        var otherNode = Get<Storage.WebhookRepository>();
        var (webhook, _) = await otherNode.InsertAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, "a-secret-of-its-own", check: null, Cancellation);
        Assert.Equal(1, (await PublishAsync()).Deliveries);

        await otherNode.SetEnabledAsync(webhook.Id, enabled: false, reason: null, Cancellation);
        Assert.Equal(0, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task A_key_that_was_used_before_publishes_nothing_and_returns_the_first_event()
    {
        await RegisterAsync();
        var options = new PublishOptions { IdempotencyKey = "order-17" };

        var first = await PublishAsync(options: options);
        var second = await PublishAsync(options: options);

        Assert.False(first.IsDuplicate);
        Assert.True(second.IsDuplicate);
        Assert.Equal(first.Id, second.Id);
        Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task No_tenant_is_the_tenant_of_apps_that_have_none()
    {
        await RegisterAsync(tenant: null!);
        Assert.Equal(1, (await PublishAsync(options: new PublishOptions { Tenant = null! })).Deliveries);
        Assert.Equal(1, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task The_same_key_of_another_tenant_is_another_key()
    {
        var first = await PublishAsync(options: new PublishOptions { IdempotencyKey = "17", Tenant = "a" });
        var second = await PublishAsync(options: new PublishOptions { IdempotencyKey = "17", Tenant = "b" });

        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_payload_or_trigger_is_refused()
    {
        var options = new PublishOptions { IdempotencyKey = "order-17" };
        var first = await PublishAsync(options: options);

        var otherPayload = await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => PublishAsync(options: options, payload: "[]"));
        await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => PublishAsync("order.paid", options));

        Assert.Equal(first.Id, otherPayload.ExistingEventId);
    }

    [Fact]
    public async Task Many_callers_with_one_key_publish_one_event()
    {
        await RegisterAsync();
        var options = new PublishOptions { IdempotencyKey = "once" };

        var published = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PublishAsync(options: options)));

        Assert.Single(published, result => !result.IsDuplicate);
        Assert.Single(published.Select(result => result.Id).Distinct());
        Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task Deliveries_are_numbered_in_publishing_order()
    {
        await RegisterAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add((await PublishAsync()).Id);
        }

        var page = await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation);
        Assert.Equal(Enumerable.Reverse(ids), page.Items.Select(delivery => delivery.EventId));
    }

    [Fact]
    public async Task Events_are_listed_newest_first_page_by_page()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await PublishAsync(i % 2 == 0 ? "order.created" : "order.paid")).Id);
        }

        var first = await Events.ListAsync(new WebhookEventQuery { Limit = 3 }, Cancellation);
        var second = await Events.ListAsync(new WebhookEventQuery { Limit = 3, Cursor = first.Next }, Cancellation);

        Assert.Equal(Enumerable.Reverse(ids), first.Items.Concat(second.Items).Select(stored => stored.Id));
        Assert.Null(second.Next);
        Assert.All(first.Items, stored => Assert.Null(stored.Payload));
        var paid = await Events.ListAsync(new WebhookEventQuery { Trigger = "order.paid" }, Cancellation);
        Assert.Equal([ids[3], ids[1]], paid.Items.Select(stored => stored.Id));
    }

    [Fact]
    public async Task One_event_that_cannot_be_stored_fails_alone()
    {
        await RegisterAsync();
        await PublishAsync(options: new PublishOptions { IdempotencyKey = "taken" });

        var refused = PublishAsync(options: new PublishOptions { IdempotencyKey = "taken" }, payload: "[]");
        var others = Enumerable.Range(0, 20).Select(_ => PublishAsync()).ToArray();

        await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => refused);
        Assert.All(await Task.WhenAll(others), result => Assert.Equal(1, result.Deliveries));
    }
}
