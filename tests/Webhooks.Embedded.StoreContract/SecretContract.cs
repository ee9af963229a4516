using Dapper;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Secrets and header values in the store: what is there, for how long, and what becomes of deliveries whose secret cannot be read.</summary>
public abstract class SecretContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private const string Secret = "a-secret-that-nobody-else-has";
    private const string Value = "Bearer a-value-that-nobody-else-has";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Grace = UnreadableWebhooks.Grace + TimeSpan.FromSeconds(1);

    private UnreadableRepository Unreadable => Get<UnreadableRepository>();

    [Fact]
    public async Task Secrets_and_values_of_headers_rest_protected_under_the_protectors_name()
    {
        var id = (await CreateAsync()).Webhook.Id;
        await Registry.RotateSecretAsync(id, "another-secret-of-its-own", Hour, Cancellation);
        await Registry.ChangeAsync(id, (await FindAsync(id)).ToSettings() with { Secret = "a-third-secret-of-its-own" }, Cancellation);
        await Registry.RotateSecretAsync(id, cancellationToken: Cancellation);

        var stored = await StoredAsync();

        Assert.Equal(2, stored.Secrets.Count);
        Assert.All(stored.Secrets, secret => Assert.StartsWith("test:", secret, StringComparison.Ordinal));
        Assert.All([.. stored.Secrets, stored.Headers], text => Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("X-Api-Key", stored.Headers, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, stored.Headers, StringComparison.Ordinal);
        Assert.True(Known(id).Headers.Single().TryRead(out var value));
        Assert.Equal(Value, value);
    }

    [Fact]
    public async Task Headers_stay_unless_others_are_given_and_go_when_none_are()
    {
        var id = (await CreateAsync()).Webhook.Id;
        Assert.Equal(["X-Api-Key"], (await FindAsync(id)).HeaderNames);

        await Registry.ChangeAsync(id, (await FindAsync(id)).ToSettings() with { Name = "renamed" }, Cancellation);
        Assert.Equal(["X-Api-Key"], (await FindAsync(id)).HeaderNames);

        await Registry.ChangeAsync(id, (await FindAsync(id)).ToSettings() with { Headers = [new("X-A", "1"), new("X-B", "2")] }, Cancellation);
        Assert.Equal(["X-A", "X-B"], (await FindAsync(id)).HeaderNames);
        Assert.True(Known(id).Headers[1].TryRead(out var value));
        Assert.Equal("2", value);

        await Registry.ChangeAsync(id, (await FindAsync(id)).ToSettings() with { Headers = [] }, Cancellation);
        Assert.Empty((await FindAsync(id)).HeaderNames);
        Assert.Empty(Known(id).Headers);
    }

    [Fact]
    public async Task Earlier_secrets_can_be_revoked_at_once_and_are_erased_and_the_current_one_stays()
    {
        var created = await CreateAsync();
        var rotated = await Registry.RotateSecretAsync(created.Webhook.Id, overlap: Hour, cancellationToken: Cancellation);
        Assert.Equal(2, (await StoredAsync()).Secrets.Count);

        var revoked = await Registry.RevokeSecretsAsync(created.Webhook.Id, Cancellation);

        Assert.True(revoked!.Version > rotated!.Webhook.Version);
        Assert.Single((await StoredAsync()).Secrets);
        Assert.Equal([rotated.Secret], await Registry.RevealSecretsAsync(created.Webhook.Id, Cancellation));
        Assert.Null(Assert.Single(Known(created.Webhook.Id).Secrets).ExpiresAt);
        Assert.Null(await Registry.RevokeSecretsAsync(987, Cancellation));
    }

    [Fact]
    public async Task Expired_secrets_are_erased_at_the_next_rotation()
    {
        var id = (await CreateAsync()).Webhook.Id;
        await Registry.RotateSecretAsync(id, overlap: Hour, cancellationToken: Cancellation);
        Time.Advance(Hour);
        await Registry.RotateSecretAsync(id, overlap: Hour, cancellationToken: Cancellation);

        Assert.Equal(2, (await StoredAsync()).Secrets.Count);
    }

    [Fact]
    public async Task What_may_be_known_of_secrets_is_all_but_the_secrets()
    {
        var created = await CreateAsync();
        var createdAt = Time.GetUtcNow();
        Time.Advance(Hour);
        var rotated = await Registry.RotateSecretAsync(created.Webhook.Id, overlap: Hour, cancellationToken: Cancellation);

        var secrets = await Registry.ListSecretsAsync(created.Webhook.Id, Cancellation);

        Assert.Equal(
            [
                new() { Hint = rotated!.Secret[^4..], CreatedAt = createdAt + Hour, ExpiresAt = null, Readable = true },
                new() { Hint = Secret[^4..], CreatedAt = createdAt, ExpiresAt = createdAt + Hour + Hour, Readable = true },
            ],
            secrets!);
        Keys.AreLost = true;
        Assert.Null(await Registry.ListSecretsAsync(987, Cancellation));
    }

    [Fact]
    public async Task Without_its_keys_a_webhook_says_so_and_its_secrets_are_not_shown()
    {
        Keys.AreLost = true;
        var id = (await CreateAsync()).Webhook.Id;

        Assert.False((await FindAsync(id)).SecretReadable);
        Assert.False((await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items[0].SecretReadable);
        Assert.False(Assert.Single((await Registry.ListSecretsAsync(id, Cancellation))!).Readable);
        await Assert.ThrowsAsync<WebhookSecretUnreadableException>(() => Registry.RevealSecretsAsync(id, Cancellation));

        Keys.AreLost = false;
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await FindAsync(id)).SecretReadable);
        Assert.Equal([Secret], await Registry.RevealSecretsAsync(id, Cancellation));
    }

    [Fact]
    public async Task Where_no_node_can_read_the_secret_deliveries_are_parked_after_a_minute_with_the_reason()
    {
        Keys.AreLost = true;
        var webhook = (await CreateAsync()).Webhook;
        var (due, later) = (await MeetAsync(), await FailedAsync());
        Assert.NotEqual(WebhookDeliveryStatus.Parked, (await ReadAsync(due)).Status);
        Time.Advance(Grace);

        Assert.Equal(1, await ParkAsync(webhook.Id));

        var delivery = await ReadAsync(due);
        Assert.Equal((WebhookDeliveryStatus.Parked, 1), (delivery.Status, delivery.Attempts));
        Assert.Equal(WebhookAttemptOutcome.SecretUnreadable, delivery.LastAttempt?.Outcome);
        Assert.Equal("keys", delivery.LastAttempt!.Error);
        Assert.Equal(WebhookDeliveryStatus.Retrying, (await ReadAsync(later)).Status);
        Assert.Equal([webhook.Id], await Unreadable.ParkedAsync(Cancellation));
    }

    [Fact]
    public async Task What_another_node_can_read_is_not_parked()
    {
        var webhook = (await CreateAsync()).Webhook;
        await MeetAsync();
        var since = Now;
        Time.Advance(Grace);

        // The other node has one at this moment.
        await PublishAsync();
        var leased = await ClaimAsync(max: 1);
        Assert.Null(await Unreadable.ParkAsync(webhook.Id, since, Now, "keys", Cancellation));

        // It has made an attempt, which failed for another reason.
        await RecordAsync(DeliveryRecord.Retry(leased.Deliveries[0], Attempt(leased.Deliveries[0], 500), Now + 3_600_000));
        Assert.Null(await Unreadable.ParkAsync(webhook.Id, since, Now, "keys", Cancellation));
        Assert.Equal(1, await Unreadable.ParkAsync(webhook.Id, Now + 1000, Now, "keys", Cancellation));
    }

    [Fact]
    public async Task When_the_keys_are_back_what_was_parked_for_that_goes_on_and_what_was_parked_otherwise_stays()
    {
        Keys.AreLost = true;
        var webhook = (await CreateAsync()).Webhook;
        var unreadable = await MeetAsync();
        Time.Advance(Grace);
        await ParkAsync(webhook.Id);
        var other = (await RegisterAsync("other")).Id;
        await PublishAsync(trigger: "order.paid");
        await Get<QueueRepository>().ParkAsync(other, Cancellation);
        var service = Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateInstance<UnreadableService>(Get<IServiceProvider>());

        await service.RunOnceAsync(Cancellation);
        Assert.Equal(WebhookDeliveryStatus.Parked, (await ReadAsync(unreadable)).Status);

        Keys.AreLost = false;
        Time.Advance(TimeSpan.FromMinutes(1));
        await service.RunOnceAsync(Cancellation);

        Assert.Equal(WebhookDeliveryStatus.Retrying, (await ReadAsync(unreadable)).Status);
        Assert.Equal(
            WebhookDeliveryStatus.Parked,
            (await Deliveries.ListAsync(new WebhookDeliveryQuery { WebhookId = other }, Cancellation)).Items.Single(delivery => delivery.Trigger == "order.paid").Status);
        Assert.Empty(await Unreadable.ParkedAsync(Cancellation));
    }

    [Fact]
    public async Task A_catalogue_that_is_read_anew_decrypts_nothing_again()
    {
        for (var i = 0; i < 20; i++)
        {
            await RegisterAsync($"shop{i}");
        }

        var directory = Get<WebhookDirectory>();
        Assert.All(directory.Current.All, webhook => Assert.True(webhook.IsReadable));
        var reads = Keys.Reads;

        await Registry.DisableAsync((await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items[0].Id, cancellationToken: Cancellation);
        Assert.All(directory.Current.All, webhook => Assert.True(webhook.IsReadable));

        Assert.Equal(20, reads);
        Assert.Equal(reads, Keys.Reads);
    }

    [Fact]
    public async Task Timeout_schedule_and_rate_limit_are_kept_and_cleared()
    {
        var settings = new WebhookSettings
        {
            Name = "a",
            Url = "https://example.com/",
            Triggers = ["*"],
            Timeout = TimeSpan.FromMilliseconds(1500),
            RetryDelays = [TimeSpan.Zero, TimeSpan.FromDays(30)],
            RateLimit = 7,
        };
        var id = (await Registry.CreateAsync(settings, Cancellation)).Webhook.Id;
        var webhook = await FindAsync(id);
        Assert.Equal((settings.Timeout, settings.RateLimit), (webhook.Timeout, webhook.RateLimit));
        Assert.Equal(settings.RetryDelays, webhook.RetryDelays);
        var published = await PublishAsync();
        Assert.Equal(
            settings.RetryDelays, (await Deliveries.ListAsync(new WebhookDeliveryQuery { EventId = published.Id }, Cancellation)).Items.Single().RetryDelays);

        await Registry.ChangeAsync(id, webhook.ToSettings() with { Timeout = null, RetryDelays = [], RateLimit = null }, Cancellation);
        webhook = await FindAsync(id);
        Assert.Equal((null, null), (webhook.Timeout, webhook.RateLimit));
        Assert.Empty(webhook.RetryDelays!);
        Assert.Empty(Known(id).RetryDelays!);
    }

    private Task<WebhookWithSecret> CreateAsync() => Registry.CreateAsync(
        new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["order.created"], Secret = Secret, Headers = [new("X-Api-Key", Value)] }, Cancellation);

    private async Task<Webhook> FindAsync(long id) => (await Registry.FindAsync(id, Cancellation))!;

    private KnownWebhook Known(long id) => Get<WebhookDirectory>().Current.Find(id)!;

    /// <summary>A delivery that this node has given back, for it cannot read its secret.</summary>
    private async Task<long> MeetAsync()
    {
        await PublishAsync();
        var leased = await ClaimOneAsync();
        await RecordAsync(DeliveryRecord.Release(leased, Now + 5000));
        return leased.Id;
    }

    /// <summary>A delivery that is retried long after the minute.</summary>
    private async Task<long> FailedAsync()
    {
        await PublishAsync();
        var leased = await ClaimOneAsync();
        await RecordAsync(DeliveryRecord.Retry(leased, Attempt(leased, 500), Now + 3_600_000));
        return leased.Id;
    }

    private async Task<int?> ParkAsync(long webhookId)
    {
        var parked = await Unreadable.ParkAsync(webhookId, Now, Now, "keys", Cancellation);
        Assert.Equal(0, await Unreadable.ParkAsync(webhookId, Now, Now, "keys", Cancellation));
        return parked;
    }

    private async Task<(List<string> Secrets, string Headers)> StoredAsync()
    {
        await using var connection = await Store.OpenAsync();
        return (
            (await connection.QueryAsync<string>($"select secret from {Dialect.Tables.Secrets}")).AsList(),
            await connection.QuerySingleAsync<string>($"select headers from {Dialect.Tables.Webhooks}"));
    }
}
