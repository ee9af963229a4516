using System.Text;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>
/// Batches of the writer. One whose commit was not answered is written again, whether it was stored or not: the result must be as if it had been
/// written once.
/// </summary>
public abstract class BatchContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private readonly HashSet<Guid> _written = [];

    [Fact]
    public async Task An_event_that_is_written_again_is_stored_once_and_due_at_once()
    {
        await RegisterAsync();
        var newEvent = await MatchAsync();
        await WriteEventAsync(newEvent, isLeased: true);
        Assert.Empty((await ClaimAsync()).Deliveries);

        await WriteEventAsync(newEvent, isLeased: true);

        Assert.Equal((NewEventResult.Stored, true), (newEvent.Result, newEvent.StoredEarlier));
        var delivery = await ClaimOneAsync();
        Assert.Equal((newEvent.Uid, newEvent.Id, 1, 0), (delivery.EventUid, delivery.EventId, delivery.Claims, delivery.Attempts));
        Assert.Empty(await Deliveries.AttemptsAsync(delivery.Id, Cancellation));
        Assert.Single((await Events.ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task An_event_that_is_written_again_is_stored_although_webhooks_changed_meanwhile()
    {
        await RegisterAsync("a");
        var newEvent = await MatchAsync(idempotencyKey: "17");
        await WriteEventAsync(newEvent, isLeased: true);
        await RegisterAsync("b");

        await WriteEventAsync(newEvent, isLeased: true);

        Assert.Equal(NewEventResult.Stored, newEvent.Result);
        Assert.Single((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task What_another_node_claimed_meanwhile_stays_with_it_when_the_event_is_written_again()
    {
        await RegisterAsync();
        var newEvent = await MatchAsync();
        await WriteEventAsync(newEvent, isLeased: true);
        Time.Advance(Lease);
        var delivery = await ClaimOneAsync();

        await WriteEventAsync(newEvent, isLeased: true);

        Assert.Empty((await ClaimAsync()).Deliveries);
        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now)));
    }

    [Fact]
    public async Task What_was_due_at_once_and_claimed_meanwhile_stays_so_when_the_event_is_written_again()
    {
        await RegisterAsync();
        var newEvent = await MatchAsync();
        await WriteEventAsync(newEvent, isLeased: false);
        Time.Advance(TimeSpan.FromMilliseconds(10));
        var delivery = await ClaimOneAsync();
        Assert.Equal(1, delivery.LeaseSequence);

        await WriteEventAsync(newEvent, isLeased: true);

        Assert.Empty((await ClaimAsync()).Deliveries);
        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now)));
    }

    [Theory]
    [InlineData("retry")]
    [InlineData("park")]
    [InlineData("park without attempt")]
    [InlineData("release")]
    [InlineData("finish")]
    [InlineData("finish without attempt")]
    public async Task An_outcome_that_is_written_again_changes_nothing(string kind)
    {
        await RegisterAsync();
        await PublishAsync();
        await FailAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        var delivery = await ClaimOneAsync();
        var record = kind switch
        {
            "retry" => DeliveryRecord.Retry(delivery, Attempt(delivery, 502), Now + 1000),
            "park" => DeliveryRecord.Park(delivery, Attempt(delivery, 502)),
            "park without attempt" => DeliveryRecord.Park(delivery, null),
            "release" => DeliveryRecord.Release(delivery, Now),
            "finish" => DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now),
            _ => DeliveryRecord.Finish(delivery, null, WebhookDeliveryStatus.Cancelled, Now),
        };
        Assert.True(await WriteRecordAsync(record));
        var once = await ReadAsync(delivery.Id);
        var attempts = await Deliveries.AttemptsAsync(delivery.Id, Cancellation);

        Assert.False(await WriteRecordAsync(record));

        Assert.Equivalent(once, await ReadAsync(delivery.Id), strict: true);
        Assert.Equivalent(attempts, await Deliveries.AttemptsAsync(delivery.Id, Cancellation), strict: true);
        if (kind == "release")
        {
            Assert.Equal(1, (await ClaimOneAsync()).Claims);
        }
    }

    [Fact]
    public async Task Of_two_outcomes_of_one_delivery_in_a_batch_the_one_whose_lease_holds_counts()
    {
        await RegisterAsync();
        await PublishAsync();
        var late = await ClaimOneAsync();
        Time.Advance(Lease);
        var current = await ClaimOneAsync();
        var batch = Batch();
        batch.Records.Add(DeliveryRecord.Finish(current, Attempt(current, 200), WebhookDeliveryStatus.Delivered, Now));
        batch.Records.Add(DeliveryRecord.Finish(late, Attempt(late, 500), WebhookDeliveryStatus.Exhausted, Now));

        await Dialect.WriteAsync(batch, Cancellation);

        Assert.Equal([true, false], batch.Records.Select(record => record.LeaseHeld));
        Assert.Equal(WebhookDeliveryStatus.Delivered, (await ReadAsync(current.Id)).Status);
        Assert.Equal([500, 200], (await Deliveries.AttemptsAsync(current.Id, Cancellation)).Select(attempt => attempt.StatusCode));
    }

    [Fact]
    public async Task Everything_at_once_is_one_batch()
    {
        await RegisterAsync("a", "order.created");
        await RegisterAsync("b", "order.created");
        await RegisterAsync("c", "order.created");
        for (var i = 0; i < 40; i++)
        {
            await PublishAsync();
        }

        var claimed = (await ClaimAsync(max: 1000, maxPerWebhook: 1000)).Deliveries;
        Assert.Equal(120, claimed.Count);
        var batch = Batch();
        batch.Events.Add(await MatchAsync());
        foreach (var (i, delivery) in claimed.Index())
        {
            batch.Records.Add((i % 5) switch
            {
                0 => DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now),
                1 => DeliveryRecord.Retry(delivery, Attempt(delivery, 500), Now + 1000),
                2 => DeliveryRecord.Park(delivery, Attempt(delivery, null)),
                3 => DeliveryRecord.Release(delivery, Now),
                _ => DeliveryRecord.Finish(delivery, null, WebhookDeliveryStatus.Cancelled, Now),
            });
        }

        await Dialect.WriteAsync(batch, Cancellation);

        Assert.All(batch.Records, record => Assert.True(record.LeaseHeld));
        var log = (await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 200 }, Cancellation)).Items.ToDictionary(delivery => delivery.Id);
        WebhookDeliveryStatus[] expected =
        [
            WebhookDeliveryStatus.Delivered, WebhookDeliveryStatus.Retrying, WebhookDeliveryStatus.Parked, WebhookDeliveryStatus.Pending,
            WebhookDeliveryStatus.Cancelled,
        ];
        Assert.Equal(123, log.Count);
        foreach (var (i, delivery) in claimed.Index())
        {
            Assert.Equal(expected[i % 5], log[delivery.Id].Status);
            Assert.Equal(i % 5 == 0 ? 200 : i % 5 == 1 ? 500 : null, log[delivery.Id].LastAttempt?.StatusCode);
        }
    }

    [Fact]
    public async Task Whatever_a_receiver_answers_its_outcome_is_recorded()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        var attempt = new AttemptData
        {
            Number = 1,
            UrlNumber = 1,
            StartedAt = Now,
            Outcome = WebhookAttemptOutcome.HttpError,
            StatusCode = 999,
            Error = "It said \0 and \uD800.",
            ResponseHeaders = "X-Odd: a\0b\uDC00c😀\n",
            ResponseBody = [0, 0xFF, 0xFE, .. Encoding.UTF8.GetBytes("\0")],
        };

        Assert.True(await RecordAsync(DeliveryRecord.Retry(delivery, attempt, Now + 1000)));

        var shown = Assert.Single(await Deliveries.AttemptsAsync(delivery.Id, Cancellation));
        Assert.Equal((999, "It said \uFFFD and \uFFFD."), (shown.StatusCode, shown.Error));
        Assert.Equal([KeyValuePair.Create("X-Odd", "a\uFFFDb\uFFFDc😀")], shown.ResponseHeaders);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_refused_when_it_is_published_and_found_nowhere()
    {
        await RegisterAsync();
        foreach (var text in new[] { "a\0b", "a\uD800b" })
        {
            foreach (var options in new PublishOptions[] { new() { Tenant = text }, new() { Target = text }, new() { IdempotencyKey = text } })
            {
                var refused = await Assert.ThrowsAsync<WebhookValidationException>(() => PublishAsync(options: options));
                Assert.Equal("invalid_character", Assert.Single(refused.Errors).Code);
            }

            Assert.Empty((await Deliveries.ListAsync(new WebhookDeliveryQuery { Tenant = text, WebhookUrl = text, Trigger = text }, Cancellation)).Items);
            Assert.Empty((await Events.ListAsync(new WebhookEventQuery { Tenant = text, Trigger = text }, Cancellation)).Items);
            Assert.Empty((await Registry.ListAsync(new WebhookQuery { Tenant = text }, Cancellation)).Items);
            Assert.NotNull(await Registry.DisableAsync((await RegisterAsync("other")).Id, text, Cancellation));
        }
    }

    private async Task<NewEvent> MatchAsync(string? idempotencyKey = null)
    {
        var known = await Get<WebhookDirectory>().GetAsync(Cancellation);
        return new NewEvent
        {
            Uid = Guid.CreateVersion7(),
            Trigger = "order.created",
            Tenant = "",
            Target = null,
            IdempotencyKey = idempotencyKey,
            Payload = "{}"u8.ToArray(),
            Deliveries = known.Match("", "order.created", null, "{}"u8),
            CatalogueVersion = known.Version,
        };
    }

    private Task WriteEventAsync(NewEvent newEvent, bool isLeased)
    {
        foreach (var delivery in newEvent.Deliveries)
        {
            delivery.Leased = isLeased;
        }

        var batch = Batch();
        batch.Events.Add(newEvent);

        // As the writer says of a batch that it writes again.
        batch.MayBeStored = !_written.Add(newEvent.Uid);
        return Dialect.WriteAsync(batch, Cancellation);
    }

    private async Task<bool> WriteRecordAsync(DeliveryRecord record)
    {
        var batch = Batch();
        batch.Records.Add(record);
        await Dialect.WriteAsync(batch, Cancellation);
        return record.LeaseHeld;
    }

    private StoreBatch Batch() => new() { Now = Now, LeaseEnd = Now + (long)Lease.TotalMilliseconds, ClaimedTimestamp = Time.GetTimestamp() };
}
