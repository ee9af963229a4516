using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>What people and nodes do at the same moment: each of it happens wholly, once, or not at all.</summary>
public abstract class ConcurrencyContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private const int Many = 40;

    private RetentionRepository Retention => Get<RetentionRepository>();

    private QueueRepository Queue => Get<QueueRepository>();

    [Fact]
    public async Task A_delivery_that_many_people_retry_at_once_returns_once()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync();

        var retries = await AtOnceAsync(8, i => Deliveries.RetryAsync(i % 2 == 0 ? ids : [.. ids.Reverse()], Cancellation));

        Assert.All(retries, answers => Assert.All(answers, answer => Assert.Equal(WebhookRetryResult.Queued, answer.Result)));
        Assert.Equal(ids, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
        Assert.Equal(Many, await Deliveries.CountAsync(new WebhookDeliveryQuery(), cancellationToken: Cancellation));
        await HasAllAttemptsAsync(ids, 1);
    }

    [Fact]
    public async Task A_delivery_is_retried_or_claimed_and_never_both()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync();
        var claimed = new List<LeasedDelivery>();

        var retrying = AtOnceAsync(4, _ => Deliveries.RetryAsync(ids, Cancellation));
        while (claimed.Count < Many)
        {
            claimed.AddRange((await ClaimAsync()).Deliveries);
        }

        var answers = (await retrying).SelectMany(retries => retries).ToArray();
        Assert.All(answers, answer => Assert.True(answer.Result is WebhookRetryResult.Queued or WebhookRetryResult.UnderWay));
        Assert.Equal(ids, claimed.Select(delivery => delivery.Id).Order());
        foreach (var delivery in claimed)
        {
            Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now)));
        }
    }

    [Fact]
    public async Task A_delivery_that_is_retried_while_retention_runs_keeps_its_attempts_or_is_gone_wholly()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(failures: 2);
        Time.Advance(TimeSpan.FromDays(1));

        var deleting = AtOnceAsync(2, _ => Retention.DeleteDeliveriesAsync(Now, Cancellation));
        var answers = await AtOnceAsync(Many, i => Deliveries.RetryAsync(ids[i], Cancellation));
        await deleting;

        var queued = ids.Where((_, i) => answers[i] == WebhookRetryResult.Queued).ToArray();
        Assert.Equal(queued, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
        await HasAllAttemptsAsync(queued, 2);
        Assert.Equal(queued.Length * 2, await CountAsync(Dialect.Tables.Attempts));
        Assert.All(answers, answer => Assert.True(answer is WebhookRetryResult.Queued or WebhookRetryResult.NotFound));
    }

    [Fact]
    public async Task A_delivery_that_is_retried_while_payloads_are_erased_has_its_payload_or_is_refused()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync();
        Time.Advance(TimeSpan.FromDays(1));

        var erasing = AtOnceAsync(2, _ => Retention.ErasePayloadsAsync(Now, Cancellation));
        var answers = await AtOnceAsync(Many, i => Deliveries.RetryAsync(ids[i], Cancellation));
        await erasing;

        var claimed = (await ClaimAsync()).Deliveries;
        Assert.All(claimed, delivery => Assert.Equal(2, delivery.Payload.Length));
        Assert.Equal(answers.Count(answer => answer == WebhookRetryResult.Queued), claimed.Count);
    }

    [Fact]
    public async Task What_is_cancelled_while_it_is_claimed_and_recorded_is_in_the_log_once()
    {
        var webhook = await RegisterAsync();
        var ids = await ExhaustManyAsync();
        await Deliveries.RetryAsync(ids, Cancellation);

        var claiming = AtOnceAsync(4, async i =>
        {
            foreach (var delivery in (await ClaimAsync(max: 5, maxPerWebhook: 5)).Deliveries)
            {
                await RecordAsync(
                    i % 2 == 0
                        ? DeliveryRecord.Retry(delivery, Attempt(delivery, 500), Now)
                        : DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now));
            }

            return true;
        });
        await AtOnceAsync(4, i => i == 3 ? Queue.ParkAsync(webhook.Id, Cancellation) : Get<CancelRepository>().CancelOfWebhookAsync(webhook.Id, Cancellation));
        await claiming;

        var log = (await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 200 }, Cancellation)).Items;
        Assert.Equal(ids, log.Select(delivery => delivery.Id).Order());
        foreach (var delivery in log)
        {
            await HasAllAttemptsAsync([delivery.Id], delivery.Attempts);
        }
    }

    [Fact]
    public async Task Retention_that_runs_on_several_nodes_deletes_everything_once()
    {
        await RegisterAsync();
        await ExhaustManyAsync(failures: 2);
        Time.Advance(TimeSpan.FromDays(1));

        var deleted = await AtOnceAsync(4, _ => Retention.DeleteDeliveriesAsync(Now, Cancellation));
        var events = await AtOnceAsync(4, _ => Retention.DeleteEventsAsync(Now, Cancellation));

        Assert.Equal((Many, Many), (deleted.Sum(), events.Sum()));
        Assert.Equal(0, await CountAsync(Dialect.Tables.Attempts));
    }

    [Fact]
    public async Task Of_many_who_rotate_a_secret_at_once_so_many_succeed_as_there_may_be_secrets()
    {
        var webhook = await RegisterAsync();

        var rotated = await AtOnceAsync(8, async _ =>
        {
            try
            {
                return (await Registry.RotateSecretAsync(webhook.Id, cancellationToken: Cancellation))!.Secret;
            }
            catch (WebhookValidationException)
            {
                // Two more beside the first one are allowed.
                return null;
            }
        });

        var secrets = await Registry.RevealSecretsAsync(webhook.Id, Cancellation);
        Assert.Equal(3, secrets!.Count);
        Assert.Equal(rotated.OfType<string>().Order(), secrets.Take(2).Order());
    }

    [Fact]
    public async Task Of_many_webhooks_that_are_registered_at_once_so_many_are_as_their_tenant_may_have()
    {
        var settings = new WebhookSettings { Name = "a", Url = "https://example.com/", Triggers = ["*"], Tenant = "acme" };

        var created = await AtOnceAsync(12, async _ =>
        {
            try
            {
                return (await Registry.CreateAsync(settings, 5, Cancellation)).Webhook.Id;
            }
            catch (WebhookValidationException)
            {
                // Somebody else had the last place.
                return 0;
            }
        });

        Assert.Equal(5, created.Count(id => id > 0));
        Assert.Equal(5, (await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items.Count);
    }

    [Fact]
    public async Task A_webhook_that_is_changed_and_deleted_at_once_leaves_no_secret_behind()
    {
        for (var round = 0; round < 10; round++)
        {
            var webhook = await RegisterAsync();
            var settings = new WebhookSettings { Name = "b", Url = webhook.Url, Triggers = ["*"], Secret = "a-secret-of-its-own" };

            await AtOnceAsync(
                4, i => i == 0 ? Registry.DeleteAsync(webhook.Id, Cancellation) : Registry.ChangeAsync(webhook.Id, settings, Cancellation));

            Assert.Null(await Registry.FindAsync(webhook.Id, Cancellation));
        }

        Assert.Equal(0, await CountAsync(Dialect.Tables.Secrets));
    }

    /// <summary>Publishes many events, and fails their deliveries so often that nothing more is planned.</summary>
    private async Task<long[]> ExhaustManyAsync(int failures = 1)
    {
        await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => PublishAsync()));
        for (var failure = 1; ; failure++)
        {
            var claimed = (await ClaimAsync()).Deliveries;
            await Task.WhenAll(claimed.Select(delivery => RecordAsync(
                failure < failures
                    ? DeliveryRecord.Retry(delivery, Attempt(delivery, 500), Now)
                    : DeliveryRecord.Finish(delivery, Attempt(delivery, 500), WebhookDeliveryStatus.Exhausted, Now))));
            if (failure == failures)
            {
                return [.. claimed.Select(delivery => delivery.Id).Order()];
            }
        }
    }

    private async Task HasAllAttemptsAsync(IEnumerable<long> ids, int count)
    {
        foreach (var id in ids)
        {
            Assert.Equal(Enumerable.Range(1, count), (await Deliveries.AttemptsAsync(id, Cancellation)).Select(attempt => attempt.Number));
        }
    }
}
