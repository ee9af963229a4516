using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Webhooks: registered, changed, disabled, deleted, and what becomes of their deliveries.</summary>
public abstract class WebhookContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_webhook_can_be_read_by_number_and_by_uuid()
    {
        var created = await RegisterAsync("shop", "order.*", tenant: "acme", target: "17");

        Assert.Equivalent(created, await Registry.FindAsync(created.Id, Cancellation), strict: true);
        Assert.Equivalent(created, await Registry.FindAsync(created.Uid, Cancellation), strict: true);
        Assert.Null(await Registry.FindAsync(created.Id + 1, Cancellation));
        Assert.Null(await Registry.FindAsync(Guid.NewGuid(), Cancellation));
    }

    [Fact]
    public async Task Webhooks_are_listed_by_number_page_by_page()
    {
        var created = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            created.Add((await RegisterAsync($"w{i}", tenant: i == 4 ? "acme" : "")).Id);
        }

        await Registry.DisableAsync(created[1], cancellationToken: Cancellation);
        var first = await Registry.ListAsync(new WebhookQuery { Limit = 3 }, Cancellation);
        var second = await Registry.ListAsync(new WebhookQuery { Limit = 3, Cursor = first.Next }, Cancellation);

        Assert.Equal(created, first.Items.Concat(second.Items).Select(webhook => webhook.Id));
        Assert.Null(second.Next);
        Assert.Equal([created[4]], (await Registry.ListAsync(new WebhookQuery { Tenant = "acme" }, Cancellation)).Items.Select(w => w.Id));
        Assert.Equal([created[1]], (await Registry.ListAsync(new WebhookQuery { Enabled = false }, Cancellation)).Items.Select(w => w.Id));
    }

    [Fact]
    public async Task A_change_replaces_the_settings_and_leaves_tenant_and_author()
    {
        var created = await Registry.CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com/a", Triggers = ["*"], Tenant = "acme", CreatedBy = "ann" }, Cancellation);
        Time.Advance(TimeSpan.FromHours(1));

        var changed = await Registry.ChangeAsync(
            created.Webhook.Id,
            new WebhookSettings { Name = "b", Url = "https://example.com/b", Triggers = ["order.paid"], Tenant = "evil", CreatedBy = "bob", Target = "9" },
            Cancellation);

        Assert.Equal(("b", "https://example.com/b", "9", "acme", "ann"), (changed!.Name, changed.Url, changed.Target, changed.Tenant, changed.CreatedBy));
        Assert.Equal(["order.paid"], changed.Triggers);
        Assert.Equal((created.Webhook.CreatedAt, Time.GetUtcNow()), (changed.CreatedAt, changed.UpdatedAt));
        Assert.Equal(0, (await PublishAsync("order.created", new PublishOptions { Tenant = "acme" })).Deliveries);
        Assert.Null(await Registry.ChangeAsync(987, changed.ToSettings(), Cancellation));
    }

    [Fact]
    public async Task Filters_profile_and_metadata_are_kept_as_they_were_given()
    {
        var settings = new WebhookSettings
        {
            Name = "a",
            Url = "https://example.com/",
            Triggers = ["*"],
            Filters = [new("customer.ländle", "日本 😀 '; \"\\"), new("b", "")],
            SignatureProfile = "docspace",
            Metadata = """{ "b" : "ü\u0000", "a": 1.50 }""",
        };

        var created = (await Registry.CreateAsync(settings, Cancellation)).Webhook;
        var changed = await Registry.ChangeAsync(
            created.Id, settings with { Filters = [], SignatureProfile = null, Metadata = null }, Cancellation);

        Assert.Equal(settings.Filters, created.Filters);
        Assert.Equal((settings.SignatureProfile, settings.Metadata), (created.SignatureProfile, created.Metadata));
        Assert.Empty(changed!.Filters);
        Assert.Equal((null, null), (changed.SignatureProfile, changed.Metadata));
        var refused = await Assert.ThrowsAsync<WebhookValidationException>(
            () => Registry.ChangeAsync(created.Id, settings with { Filters = [new("", "")], SignatureProfile = "none", Metadata = "[]" }, Cancellation));
        Assert.Equal(["filters", "signatureProfile", "metadata"], refused.Errors.Select(error => error.Field));
    }

    [Fact]
    public async Task A_disabled_webhook_gets_nothing_new_and_its_deliveries_are_parked_until_they_are_sent()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();

        var disabled = await Registry.DisableAsync(webhook.Id, "maintenance", Cancellation);

        Assert.Equal((false, "maintenance"), (disabled!.Enabled, disabled.DisabledReason));
        Assert.Equal(0, (await PublishAsync()).Deliveries);
        Assert.Empty((await ClaimAsync()).Deliveries);
        var parked = Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery { Statuses = [WebhookDeliveryStatus.Parked] }, Cancellation)).Items);

        var enabled = await Registry.EnableAsync(webhook.Id, cancellationToken: Cancellation);
        Assert.Equal((true, null), (enabled!.Enabled, enabled.DisabledReason));
        Assert.Empty((await ClaimAsync()).Deliveries);

        await Registry.EnableAsync(webhook.Id, sendParked: true, Cancellation);
        Assert.Empty((await ClaimAsync()).Deliveries);
        var operation = Assert.Single((await Get<IWebhookOperations>().ListAsync(cancellationToken: Cancellation)).Items);
        Assert.Equal((WebhookOperationKind.Retry, 1, 50), (operation.Kind, operation.Matched, operation.Rate));
        await Get<OperationSteps>().StepAsync(Assert.Single(await Get<OperationSteps>().ClaimAsync(1, Cancellation)), 10, Cancellation);
        Assert.Equal(parked.Id, (await ClaimOneAsync()).Id);
    }

    [Fact]
    public async Task Deleting_a_webhook_cancels_what_waits_and_keeps_the_log()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var delivered = await DeliverAsync();
        await PublishAsync();
        var failed = await FailAsync(503);
        await PublishAsync();

        Assert.Equal(webhook.Id, (await Registry.DeleteAsync(webhook.Id, Cancellation))!.Id);

        Assert.Null(await Registry.FindAsync(webhook.Id, Cancellation));
        Assert.Null(await Registry.FindAsync(webhook.Uid, Cancellation));
        Assert.Empty((await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items);
        Assert.Null(await Registry.DeleteAsync(webhook.Id, Cancellation));
        Assert.Null(await Registry.EnableAsync(webhook.Id, cancellationToken: Cancellation));
        var log = (await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items;
        Assert.Equal(
            [WebhookDeliveryStatus.Cancelled, WebhookDeliveryStatus.Cancelled, WebhookDeliveryStatus.Delivered], log.Select(d => d.Status));
        Assert.Equal(503, (await ReadAsync(failed)).LastAttempt?.StatusCode);
        Assert.Single(await Deliveries.AttemptsAsync(failed, Cancellation));
        Assert.Equal(WebhookDeliveryStatus.Delivered, (await ReadAsync(delivered)).Status);
        Assert.Equal(0, (await PublishAsync()).Deliveries);
    }

    [Fact]
    public async Task Leased_deliveries_are_left_to_end_when_their_webhook_is_disabled_or_deleted()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var leased = await ClaimOneAsync();

        await Registry.DisableAsync(webhook.Id, cancellationToken: Cancellation);
        await Registry.DeleteAsync(webhook.Id, Cancellation);

        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(leased.Id)).Status);
        Assert.True(await RecordAsync(Storage.DeliveryRecord.Finish(leased, Attempt(leased, 200), WebhookDeliveryStatus.Delivered, Now)));
    }

    [Fact]
    public async Task An_attempt_that_was_never_reported_is_shown_as_interrupted_when_its_webhook_is_deleted()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        await PublishAsync();
        Time.Advance(Lease);

        await Registry.DeleteAsync(webhook.Id, Cancellation);

        var cancelled = await ReadAsync(delivery.Id);
        Assert.Equal(
            (WebhookDeliveryStatus.Cancelled, 1, WebhookAttemptOutcome.Interrupted), (cancelled.Status, cancelled.Attempts, cancelled.LastAttempt?.Outcome));
        var other = Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items, one => one.Id != delivery.Id);
        Assert.Equal((WebhookDeliveryStatus.Cancelled, 0), (other.Status, other.Attempts));
    }

    [Fact]
    public async Task Rotation_signs_with_both_secrets_until_the_overlap_is_over()
    {
        var created = await Registry.CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"] }, Cancellation);

        var rotated = await Registry.RotateSecretAsync(created.Webhook.Id, overlap: TimeSpan.FromHours(1), cancellationToken: Cancellation);

        Assert.Equal(2, SecretsInUse(created.Webhook.Id));
        Assert.Equal([rotated!.Secret, created.Secret], await Registry.RevealSecretsAsync(created.Webhook.Id, Cancellation));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, SecretsInUse(created.Webhook.Id));
        Assert.Equal([rotated.Secret], await Registry.RevealSecretsAsync(created.Webhook.Id, Cancellation));

        await Registry.RotateSecretAsync(created.Webhook.Id, "a-secret-of-my-own", TimeSpan.Zero, Cancellation);
        Assert.Equal(1, SecretsInUse(created.Webhook.Id));
        Assert.Null(await Registry.RotateSecretAsync(987, cancellationToken: Cancellation));
        Assert.Null(await Registry.RevealSecretsAsync(987, Cancellation));
    }

    [Fact]
    public async Task No_more_than_three_secrets_are_in_use()
    {
        var webhook = await RegisterAsync();
        await Registry.RotateSecretAsync(webhook.Id, cancellationToken: Cancellation);
        await Registry.RotateSecretAsync(webhook.Id, cancellationToken: Cancellation);

        await Assert.ThrowsAsync<WebhookValidationException>(() => Registry.RotateSecretAsync(webhook.Id, cancellationToken: Cancellation));

        Assert.Equal(3, SecretsInUse(webhook.Id));
    }

    [Fact]
    public async Task A_tenant_has_as_many_webhooks_as_it_may_and_others_and_deleted_ones_do_not_count()
    {
        var settings = new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"], Tenant = "acme" };
        await RegisterAsync(tenant: "other");
        await RegisterAsync(tenant: "ACME");
        await Registry.CreateAsync(settings, 2, Cancellation);
        var second = await Registry.CreateAsync(settings, 2, Cancellation);

        var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => Registry.ForTenant("acme").CreateAsync(settings, 2, Cancellation));
        await Registry.DeleteAsync(second.Webhook.Id, Cancellation);
        await Registry.ForTenant("acme").CreateAsync(settings, 2, Cancellation);

        Assert.Equal("too_many_webhooks", Assert.Single(refused.Errors).Code);
        Assert.Equal(2, (await Registry.ListAsync(new WebhookQuery { Tenant = "acme" }, Cancellation)).Items.Count);
    }

    private int SecretsInUse(long webhookId) =>
        Get<Storage.WebhookDirectory>().Current.Find(webhookId)!.Secrets
            .Count(secret => secret.ExpiresAt is null || secret.ExpiresAt > Now);
}
