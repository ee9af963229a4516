using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>The log: what people see of deliveries and attempts, and how they find it.</summary>
public abstract class LogContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    [Fact]
    public async Task A_delivery_shows_its_last_attempt_and_all_attempts_in_order()
    {
        var webhook = await RegisterAsync();
        var published = await PublishAsync();
        await FailAsync(503);
        Time.Advance(TimeSpan.FromMinutes(1));
        var id = await DeliverAsync(204);

        var delivery = await ReadAsync(id);

        Assert.Equal((WebhookDeliveryStatus.Delivered, 2), (delivery.Status, delivery.Attempts));
        Assert.Equal((published.Id, webhook.Id, webhook.Uid, webhook.Name), (delivery.EventId, delivery.WebhookId, delivery.WebhookUid, delivery.WebhookName));
        Assert.Equal(Time.GetUtcNow(), delivery.FinishedAt);
        Assert.Equal(204, delivery.LastAttempt?.StatusCode);
        var attempts = await Deliveries.AttemptsAsync(id, Cancellation);
        Assert.Equal([(1, 503), (2, 204)], attempts.Select(attempt => (attempt.Number, attempt.StatusCode!.Value)));
        var last = attempts[1];
        Assert.Equal("answer", last.ResponseBody);
        Assert.Equal(
            [KeyValuePair.Create("Server", "test"), KeyValuePair.Create("X-Powered-By", "(=)"), KeyValuePair.Create("X-Odd", "{}")], last.ResponseHeaders);
        Assert.Contains(KeyValuePair.Create("webhook-id", published.Id.ToString()), last.RequestHeaders);
        Assert.Contains(KeyValuePair.Create("webhook-signature", "v1,signature"), last.RequestHeaders);
        Assert.Equal(TimeSpan.FromMilliseconds(12), last.Duration);
    }

    [Fact]
    public async Task The_log_shows_what_a_signature_profile_added_after_the_headers_that_all_requests_have()
    {
        await RegisterAsync();
        await PublishAsync();
        var value = new string('v', 1024);
        var signature = $"v1,one v1,two\nX-Acme-Time: 1\nX-Acme: a: b, {value}";
        var first = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Retry(first, Signed(first, 500), Now)));
        var second = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Finish(second, Signed(second, 200), WebhookDeliveryStatus.Delivered, Now)));

        var attempts = await Deliveries.AttemptsAsync(second.Id, Cancellation);

        Assert.Equal(2, attempts.Count);
        Assert.All(attempts, attempt =>
        {
            Assert.Equal(
                ["Content-Type", "User-Agent", "webhook-id", "webhook-timestamp", "webhook-signature", "webhook-trigger", "X-Acme-Time", "X-Acme"],
                attempt.RequestHeaders.Select(header => header.Key));
            Assert.Equal(["v1,one v1,two", "order.created", "1", $"a: b, {value}"], attempt.RequestHeaders.Skip(4).Select(header => header.Value));
        });

        AttemptData Signed(LeasedDelivery delivery, int statusCode) => new()
        {
            Number = delivery.Attempts + 1,
            UrlNumber = 1,
            StartedAt = Now,
            Outcome = statusCode == 200 ? WebhookAttemptOutcome.Delivered : WebhookAttemptOutcome.HttpError,
            StatusCode = statusCode,
            Signature = signature,
        };
    }

    [Fact]
    public async Task A_delivery_that_is_retried_shows_its_last_attempt_too()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await FailAsync(503);

        var delivery = await ReadAsync(id);

        Assert.Equal((WebhookDeliveryStatus.Retrying, 503), (delivery.Status, delivery.LastAttempt?.StatusCode));
        Assert.Equal(Time.GetUtcNow().AddMinutes(1), delivery.DueAt);
        Assert.Null(delivery.FinishedAt);
    }

    [Fact]
    public async Task An_attempt_shows_the_URL_that_it_went_to_wherever_its_webhook_is_by_now()
    {
        var shop = await RegisterAsync("shop", "order.*");
        var crm = await RegisterAsync("crm", "user.*");
        await PublishAsync();
        var id = await FailAsync();

        await ChangeAsync(shop.Id, settings => settings with { Name = "renamed" });
        await ChangeAsync(crm.Id, settings => settings with { Url = "https://example.com/elsewhere" });
        await ChangeAsync(shop.Id, settings => settings with { Url = "https://example.com/moved" });
        Time.Advance(TimeSpan.FromMinutes(1));
        var delivery = await ClaimOneAsync();
        var known = (await Get<WebhookDirectory>().GetAsync(Cancellation)).Find(shop.Id)!;
        var attempt = Attempt(delivery, 200, urlNumber: known.UrlNumber);
        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, Now)));
        await ChangeAsync(shop.Id, settings => settings with { Url = "https://example.com/back" });

        string[] urls = [shop.Url, "https://example.com/moved"];
        Assert.Equal(urls[1], (await ReadAsync(id)).LastAttempt!.Url);
        Assert.Equal(urls, (await Deliveries.AttemptsAsync(id, Cancellation)).Select(shown => shown.Url));

        await Deliveries.RetryAsync(id, Cancellation);
        Assert.Equal(urls[1], (await ReadAsync(id)).LastAttempt!.Url);
        Assert.Equal(urls, (await Deliveries.AttemptsAsync(id, Cancellation)).Select(shown => shown.Url));
    }

    private async Task ChangeAsync(long id, Func<WebhookSettings, WebhookSettings> change) =>
        Assert.NotNull(await Registry.ChangeAsync(id, change((await Registry.FindAsync(id, Cancellation))!.ToSettings()), Cancellation));

    [Fact]
    public async Task Unfinished_and_finished_deliveries_make_up_one_list_page_by_page_and_by_offset()
    {
        await RegisterAsync();
        var ids = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            await PublishAsync();
            ids.Insert(0, i % 2 == 0 ? await DeliverAsync() : await FailAsync());
        }

        var first = await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 4 }, Cancellation);
        var second = await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 4, Cursor = first.Next }, Cancellation);
        var offset = await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 2, Offset = 3 }, Cancellation);

        Assert.Equal(ids, first.Items.Concat(second.Items).Select(delivery => delivery.Id));
        Assert.Null(second.Next);
        Assert.Equal(ids[3..5], offset.Items.Select(delivery => delivery.Id));
        Assert.Equal(6, await Deliveries.CountAsync(new WebhookDeliveryQuery { Limit = 1 }, cancellationToken: Cancellation));
        Assert.Equal(5, await Deliveries.CountAsync(new WebhookDeliveryQuery(), atMost: 5, Cancellation));
    }

    [Fact]
    public async Task Every_filter_finds_what_it_names_and_nothing_else()
    {
        var shop = await RegisterAsync("shop", "order.*");
        var crm = await RegisterAsync("crm", "user.created", tenant: "acme");

        await PublishAsync();
        var delivered = await DeliverAsync();
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync();
        var redirected = await ExhaustAsync(302);
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync();
        var refused = await ExhaustAsync(404);
        Time.Advance(TimeSpan.FromSeconds(1));
        await PublishAsync("order.paid");
        var failing = await FailAsync(503);
        Time.Advance(TimeSpan.FromSeconds(1));
        var failingAt = Time.GetUtcNow().AddSeconds(-1).AddMilliseconds(12);
        await PublishAsync("user.created", new PublishOptions { Tenant = "acme" });
        var unreachable = await FailAsync(statusCode: null, WebhookAttemptOutcome.Connect);
        Time.Advance(TimeSpan.FromSeconds(1));
        var waitingEvent = (await PublishAsync()).Id;
        var waiting = (await Deliveries.ListAsync(new WebhookDeliveryQuery { EventId = waitingEvent }, Cancellation)).Items[0].Id;

        await FindsAsync(new() { WebhookId = crm.Id }, unreachable);
        await FindsAsync(new() { WebhookUrl = crm.Url }, unreachable);
        await FindsAsync(new() { WebhookUrl = "https://example.com/nobody" });
        await FindsAsync(new() { Tenant = "acme" }, unreachable);
        await FindsAsync(new() { Trigger = "order.paid" }, failing);
        await FindsAsync(new() { Ids = [refused, failing, 987654321] }, refused, failing);
        await FindsAsync(new() { EventId = waitingEvent }, waiting);
        var failingEvent = (await ReadAsync(failing)).EventId;
        await FindsAsync(new() { EventIds = [waitingEvent, Guid.Empty, failingEvent] }, failing, waiting);
        await FindsAsync(new() { EventIds = [waitingEvent, failingEvent], EventId = waitingEvent }, waiting);
        await FindsAsync(new() { EventIds = [Guid.Empty] });
        var tooMany = await Assert.ThrowsAsync<WebhookValidationException>(
            () => Deliveries.ListAsync(new() { EventIds = [.. Enumerable.Range(0, 201).Select(_ => Guid.NewGuid())] }, Cancellation));
        Assert.Equal("eventIds", Assert.Single(tooMany.Errors).Field);
        await FindsAsync(new() { WebhookId = 987654321 });
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Delivered] }, delivered);
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Exhausted] }, redirected, refused);
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Retrying] }, failing, unreachable);
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Pending] }, waiting);
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Pending, WebhookDeliveryStatus.Delivered] }, delivered, waiting);
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Leased] });
        await FindsAsync(new() { Statuses = [WebhookDeliveryStatus.Parked] });
        await FindsAsync(new() { Answers = WebhookAnswers.Success }, delivered);
        await FindsAsync(new() { Answers = WebhookAnswers.Redirect }, redirected);
        await FindsAsync(new() { Answers = WebhookAnswers.ClientError }, refused);
        await FindsAsync(new() { Answers = WebhookAnswers.ServerError }, failing);
        await FindsAsync(new() { Answers = WebhookAnswers.NoAnswer }, unreachable);
        await FindsAsync(new() { Answers = WebhookAnswers.NotAttempted }, waiting);
        await FindsAsync(new() { Answers = WebhookAnswers.Failed }, redirected, refused, failing, unreachable);
        await FindsAsync(new() { Answers = WebhookAnswers.Failed, WebhookId = shop.Id }, redirected, refused, failing);
        await FindsAsync(new() { WebhookUid = crm.Uid }, unreachable);
        await FindsAsync(new() { WebhookUid = shop.Uid, Answers = WebhookAnswers.Failed }, redirected, refused, failing);
        await FindsAsync(new() { WebhookUid = Guid.NewGuid() });
        await FindsAsync(new() { StatusCode = 404 }, refused);
        await FindsAsync(new() { StatusCode = 503 }, failing);
        await FindsAsync(new() { StatusCode = 599 });
        await FindsAsync(new() { Outcomes = [WebhookAttemptOutcome.Delivered] }, delivered);
        await FindsAsync(new() { Outcomes = [WebhookAttemptOutcome.Delivered, WebhookAttemptOutcome.Connect] }, delivered, unreachable);
        await FindsAsync(new() { Outcomes = [WebhookAttemptOutcome.TlsName] });
        await FindsAsync(new() { AttemptsFrom = 1 }, delivered, redirected, refused, failing, unreachable);
        await FindsAsync(new() { AttemptsTo = 0 }, waiting);
        await FindsAsync(new() { AttemptsFrom = 2 });
        await FindsAsync(new() { AttemptsFrom = 1, AttemptsTo = 1, StatusCode = 404, Outcomes = [WebhookAttemptOutcome.HttpError] }, refused);
        await FindsAsync(new() { AttemptedFrom = failingAt }, failing, unreachable);
        await FindsAsync(new() { AttemptedTo = failingAt }, delivered, redirected, refused, failing);
        await FindsAsync(new() { CreatedFrom = Time.GetUtcNow() }, waiting);
        await FindsAsync(new() { CreatedTo = Time.GetUtcNow().AddSeconds(-5) }, delivered);

        async Task FindsAsync(WebhookDeliveryQuery query, params long[] ids)
        {
            var page = await Deliveries.ListAsync(query, Cancellation);
            Assert.Equal(ids.OrderDescending(), page.Items.Select(delivery => delivery.Id));
            Assert.Equal(ids.Length, await Deliveries.CountAsync(query, cancellationToken: Cancellation));
        }
    }

    [Fact]
    public async Task Deliveries_of_a_deleted_webhook_are_found_by_its_UUID()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var id = await DeliverAsync();
        await Registry.DeleteAsync(webhook.Id, Cancellation);

        var page = await Deliveries.ListAsync(new WebhookDeliveryQuery { WebhookUid = webhook.Uid }, Cancellation);

        Assert.Equal(id, Assert.Single(page.Items).Id);
    }

    [Fact]
    public async Task A_delivery_that_is_finished_and_retried_meanwhile_is_neither_missed_nor_seen_twice()
    {
        await RegisterAsync();
        await PublishAsync();
        var id = await DeliverAsync();
        var moving = Task.Run(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    Assert.Equal(WebhookRetryResult.Queued, await Deliveries.RetryAsync(id, Cancellation));
                    await DeliverAsync();
                }
            },
            Cancellation);

        do
        {
            Assert.Single((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items);
            Assert.Equal(1, await Deliveries.CountAsync(new WebhookDeliveryQuery(), cancellationToken: Cancellation));
            var numbers = (await Deliveries.AttemptsAsync(id, Cancellation)).Select(attempt => attempt.Number).ToArray();
            Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        }
        while (!moving.IsCompleted);

        await moving;
        Assert.Equal(101, (await Deliveries.AttemptsAsync(id, Cancellation)).Count);
    }

    [Fact]
    public async Task An_empty_answer_is_told_from_no_answer()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        var attempt = new AttemptData
        {
            Number = 1,
            UrlNumber = 1,
            StartedAt = Now,
            Outcome = WebhookAttemptOutcome.Delivered,
            StatusCode = 204,
            ResponseBody = [],
        };
        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, Now)));
        Assert.Equal("", (await ReadAsync(delivery.Id)).LastAttempt!.ResponseBody);
    }

    [Fact]
    public async Task Payloads_come_only_where_they_are_asked_for()
    {
        await RegisterAsync();
        await PublishAsync(payload: """{"a":1}""");

        Assert.Null((await Deliveries.ListAsync(new WebhookDeliveryQuery(), Cancellation)).Items[0].Payload);
        var with = await Deliveries.ListAsync(new WebhookDeliveryQuery { IncludePayload = true }, Cancellation);
        Assert.Equal("""{"a":1}"""u8.ToArray(), with.Items[0].Payload!.Value.ToArray());
    }

    [Fact]
    public async Task A_webhook_shows_when_it_last_succeeded_and_failed()
    {
        var webhook = await RegisterAsync();
        Assert.Null((await Registry.FindAsync(webhook.Id, Cancellation))!.LastSuccessAt);

        await PublishAsync();
        await ExhaustAsync(500);
        Time.Advance(TimeSpan.FromSeconds(10));
        await PublishAsync();
        await DeliverAsync();

        var now = await Registry.FindAsync(webhook.Id, Cancellation);
        Assert.Equal(Time.GetUtcNow().AddMilliseconds(12), now!.LastSuccessAt);
        Assert.Equal(Time.GetUtcNow().AddSeconds(-10).AddMilliseconds(12), now.LastFailureAt);
        Assert.Equal(("It failed.", 200), (now.LastFailure, now.LastStatusCode));
    }

    [Fact]
    public async Task A_quarantined_delivery_shows_the_attempts_that_were_interrupted()
    {
        await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        Time.Advance(Lease);
        delivery = await ClaimOneAsync();

        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, null, WebhookDeliveryStatus.Quarantined, Now)));

        var shown = await ReadAsync(delivery.Id);
        Assert.Equal(
            (WebhookDeliveryStatus.Quarantined, 1, WebhookAttemptOutcome.Interrupted),
            (shown.Status, shown.Attempts, shown.LastAttempt?.Outcome));
        Assert.Single(await Deliveries.AttemptsAsync(delivery.Id, Cancellation));
    }
}
