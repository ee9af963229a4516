using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>A commit whose answer is lost may have happened: the same batch is written again, and must not count twice.</summary>
public sealed class SqlServerRepeatTests : StoreTest<SqlServerStore>
{
    private SqlDialect Dialect => Get<SqlDialect>();

    [Theory]
    [InlineData(null)]
    [InlineData("key")]
    public async Task Events_that_are_written_again_are_stored_once_and_what_was_leased_for_nobody_is_due(string? key)
    {
        var webhook = await RegisterAsync();
        var batch = Batch(await EventAsync(webhook, key), await EventAsync(webhook, key is null ? null : "other"));
        await Dialect.WriteAsync(batch, Cancellation);
        Assert.Empty((await ClaimAsync()).Deliveries);

        batch.Now += 50;
        await Dialect.WriteAsync(batch, Cancellation);

        Assert.All(batch.Events, newEvent => Assert.Equal(NewEventResult.Stored, newEvent.Result));
        Assert.All(batch.Events.SelectMany(newEvent => newEvent.Deliveries), delivery => Assert.False(delivery.Leased));
        Assert.Equal(2, (await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items.Count);
        Time.Advance(TimeSpan.FromMilliseconds(50));
        var claimed = (await ClaimAsync()).Deliveries;
        Assert.Equal(batch.Events.Select(newEvent => newEvent.Uid), claimed.Select(delivery => delivery.EventUid));
        Assert.All(claimed, delivery => Assert.Equal((2, 1, 0), (delivery.LeaseSequence, delivery.Claims, delivery.Attempts)));
    }

    [Fact]
    public async Task What_another_node_has_claimed_meanwhile_stays_with_it()
    {
        var webhook = await RegisterAsync();
        var batch = Batch(await EventAsync(webhook, null));
        batch.Events[0].Deliveries[0].Leased = false;
        await Dialect.WriteAsync(batch, Cancellation);
        Time.Advance(TimeSpan.FromMilliseconds(10));
        var claimed = Assert.Single((await ClaimAsync()).Deliveries);

        batch.Events[0].Deliveries[0].Leased = true;
        await Dialect.WriteAsync(batch, Cancellation);

        Assert.Empty((await ClaimAsync()).Deliveries);
        var record = DeliveryRecord.Release(claimed, Now());
        await Get<StoreWriter>().RecordAsync(record);
        Assert.True(record.LeaseHeld);
    }

    [Fact]
    public async Task An_event_that_is_stored_stays_so_though_the_webhooks_changed_before_it_is_written_again()
    {
        var batch = Batch(await EventAsync(await RegisterAsync(), null));
        await Dialect.WriteAsync(batch, Cancellation);
        await RegisterAsync("another");

        await Dialect.WriteAsync(batch, Cancellation);

        Assert.Equal(NewEventResult.Stored, batch.Events[0].Result);
    }

    [Fact]
    public async Task Outcomes_that_are_written_again_change_nothing()
    {
        for (var i = 0; i < 4; i++)
        {
            await RegisterAsync($"w{i}");
        }

        await PublishAsync();
        var claimed = (await ClaimAsync()).Deliveries;
        var batch = new StoreBatch { Now = Now() };
        batch.Records.Add(DeliveryRecord.Finish(claimed[0], Attempt(), WebhookDeliveryStatus.Delivered, Now()));
        batch.Records.Add(DeliveryRecord.Retry(claimed[1], Attempt(), Now() + 60_000));
        batch.Records.Add(DeliveryRecord.Park(claimed[2], Attempt()));
        batch.Records.Add(DeliveryRecord.Release(claimed[3], Now()));
        await Dialect.WriteAsync(batch, Cancellation);
        Assert.All(batch.Records, record => Assert.True(record.LeaseHeld));
        var before = await DescribeAsync();

        await Dialect.WriteAsync(batch, Cancellation);

        Assert.Equal(before, await DescribeAsync());
        Assert.All(batch.Records, record => Assert.False(record.LeaseHeld));
    }

    private static AttemptData Attempt() =>
        new() { Number = 1, StartedAt = 1, DurationMs = 1, Outcome = WebhookAttemptOutcome.HttpError, StatusCode = 500, Url = "https://example.com/" };

    private static StoreBatch Batch(params NewEvent[] events)
    {
        var now = new ManualTime().GetUtcNow().ToUnixTimeMilliseconds();
        var batch = new StoreBatch { Now = now, LeaseEnd = now + (long)Lease.TotalMilliseconds };
        batch.Events.AddRange(events);
        return batch;
    }

    private long Now() => Get<StoreClock>().Now;

    private async Task<NewEvent> EventAsync(Webhook webhook, string? key) => new()
    {
        Uid = Guid.CreateVersion7(),
        Trigger = "order.created",
        Tenant = "",
        Target = null,
        IdempotencyKey = key,
        Payload = "{}"u8.ToArray(),
        Deliveries = [new NewDelivery(webhook.Id) { Leased = true }],
        CatalogueVersion = (await ClaimAsync()).CatalogueVersion,
    };

    private Task<ClaimResult> ClaimAsync() => Dialect.ClaimAsync(
        new ClaimRequest(100, 100, 0, new HashSet<long>(), Now(), Now() + (long)Lease.TotalMilliseconds, Time.GetTimestamp()), Cancellation);

    private async Task<string> DescribeAsync()
    {
        var items = (await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items;
        var lines = new List<string>();
        foreach (var item in items)
        {
            var attempts = await Deliveries.AttemptsAsync(item.Id, Cancellation);
            lines.Add($"{item.Id} {item.Status} {item.Attempts} {item.DueAt} {attempts.Count}");
        }

        return string.Join('\n', lines);
    }
}
