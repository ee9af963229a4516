namespace Webhooks.Embedded.StoreContract;

/// <summary>Services narrowed to a tenant: what belongs to others is not there, whatever is asked and by whichever id.</summary>
public abstract class TenantContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private IWebhookRegistry Acme => Registry.ForTenant("acme");

    [Fact]
    public async Task A_tenant_finds_and_lists_its_own_webhooks_only()
    {
        var own = await RegisterAsync("own", tenant: "acme");
        var other = await RegisterAsync("other", tenant: "umbrella");

        Assert.Equal(own.Id, (await Acme.FindAsync(own.Id, Cancellation))?.Id);
        Assert.Equal(own.Id, (await Acme.FindAsync(own.Uid, Cancellation))?.Id);
        Assert.Null(await Acme.FindAsync(other.Id, Cancellation));
        Assert.Null(await Acme.FindAsync(other.Uid, Cancellation));
        Assert.Equal([own.Id], (await Acme.ListAsync(new WebhookQuery(), Cancellation)).Items.Select(webhook => webhook.Id));
        Assert.Empty((await Acme.ListAsync(new WebhookQuery { Tenant = "umbrella" }, Cancellation)).Items);
    }

    [Fact]
    public async Task A_tenant_changes_nothing_of_anothers_webhook()
    {
        var other = await RegisterAsync("other", tenant: "umbrella");
        var before = await Registry.FindAsync(other.Id, Cancellation);
        var secrets = await Registry.RevealSecretsAsync(other.Id, Cancellation);

        Assert.Null(await Acme.ChangeAsync(other.Id, other.ToSettings() with { Name = "mine", Secret = "0123456789" }, Cancellation));
        Assert.Null(await Acme.ChangeAsync(other.Id, other.ToSettings() with { Name = "mine" }, other.Version, Cancellation));
        Assert.Null(await Acme.EnableAsync(other.Id, sendParked: true, Cancellation));
        Assert.Null(await Acme.DisableAsync(other.Id, cancellationToken: Cancellation));
        Assert.Null(await Acme.RotateSecretAsync(other.Id, cancellationToken: Cancellation));
        Assert.Null(await Acme.RevealSecretsAsync(other.Id, Cancellation));
        Assert.Null(await Acme.ListSecretsAsync(other.Id, Cancellation));
        Assert.Null(await Acme.RevokeSecretsAsync(other.Id, Cancellation));
        Assert.Null(await Acme.DeleteAsync(other.Id, Cancellation));

        Assert.Equivalent(before, await Registry.FindAsync(other.Id, Cancellation), strict: true);
        Assert.Equal(secrets, await Registry.RevealSecretsAsync(other.Id, Cancellation));
    }

    [Fact]
    public async Task What_a_tenant_creates_is_its_own_whatever_the_settings_say()
    {
        var settings = new WebhookSettings { Name = "shop", Url = "https://example.com/", Triggers = ["*"], Tenant = "umbrella" };

        var created = await Acme.CreateAsync(settings, Cancellation);

        Assert.Equal("acme", created.Webhook.Tenant);
    }

    [Fact]
    public async Task A_tenant_reads_its_own_log_only()
    {
        var own = await PublishedOfAsync("acme");
        var other = await PublishedOfAsync("umbrella");
        var deliveries = Deliveries.ForTenant("acme");

        Assert.Equal([own], (await deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items.Select(delivery => delivery.Id));
        Assert.Equal([own], (await deliveries.ListAsync(new WebhookDeliveryQuery { Ids = [own, other] }, Cancellation)).Items.Select(delivery => delivery.Id));
        Assert.Empty((await deliveries.ListAsync(new WebhookDeliveryQuery { Tenant = "umbrella" }, Cancellation)).Items);
        Assert.Equal(1, await deliveries.CountAsync(new WebhookDeliveryQuery(), cancellationToken: Cancellation));
        Assert.NotNull(await deliveries.FindAsync(own, Cancellation));
        Assert.Null(await deliveries.FindAsync(other, Cancellation));
        Assert.Equal([own], (await deliveries.FindAsync([other, own], Cancellation)).Select(delivery => delivery.Id));
        Assert.Single(await deliveries.AttemptsAsync(own, Cancellation));
        Assert.Empty(await deliveries.AttemptsAsync(other, Cancellation));
    }

    [Fact]
    public async Task Finished_deliveries_are_a_tenants_own_as_well()
    {
        var other = await PublishedOfAsync("umbrella");
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(other, await ExhaustAsync());

        var deliveries = Deliveries.ForTenant("acme");
        Assert.Empty(await deliveries.AttemptsAsync(other, Cancellation));
        Assert.Empty((await deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
        Assert.Equal(WebhookRetryResult.NotFound, await deliveries.RetryAsync(other, Cancellation));
        Assert.Equal(WebhookDeliveryStatus.Exhausted, (await ReadAsync(other)).Status);
    }

    [Fact]
    public async Task A_tenant_retries_its_own_deliveries_only()
    {
        var own = await PublishedOfAsync("acme");
        var other = await PublishedOfAsync("umbrella");

        var retries = await Deliveries.ForTenant("acme").RetryAsync([other, own], Cancellation);

        Assert.Equal([new WebhookRetry(other, WebhookRetryResult.NotFound), new WebhookRetry(own, WebhookRetryResult.Queued)], retries);
        Assert.True((await ReadAsync(other)).DueAt > Time.GetUtcNow());
    }

    [Fact]
    public async Task A_tenant_reads_its_own_events_only()
    {
        var own = await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var other = await PublishAsync(options: new PublishOptions { Tenant = "umbrella" });
        var events = Events.ForTenant("acme");

        Assert.NotNull(await events.FindAsync(own.Id, Cancellation));
        Assert.Null(await events.FindAsync(other.Id, Cancellation));
        Assert.Equal([own.Id], (await events.ListAsync(new WebhookEventQuery(), Cancellation)).Items.Select(one => one.Id));
        Assert.Empty((await events.ListAsync(new WebhookEventQuery { Tenant = "umbrella" }, Cancellation)).Items);
    }

    [Fact]
    public async Task A_service_of_one_tenant_does_not_become_anothers()
    {
        Assert.Throws<InvalidOperationException>(() => Acme.ForTenant("umbrella"));
        Assert.Throws<InvalidOperationException>(() => Deliveries.ForTenant("acme").ForTenant(""));
        Assert.Throws<InvalidOperationException>(() => Events.ForTenant("acme").ForTenant("umbrella"));
        Assert.Empty((await Acme.ForTenant("acme").ListAsync(new WebhookQuery(), Cancellation)).Items);
    }

    /// <summary>A delivery of the tenant with one failed attempt.</summary>
    private async Task<long> PublishedOfAsync(string tenant)
    {
        await RegisterAsync(tenant, tenant: tenant);
        await PublishAsync(options: new PublishOptions { Tenant = tenant });
        return await FailAsync();
    }
}
