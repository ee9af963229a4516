using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>Bulk operations: what they do, once, however often they are interrupted.</summary>
public abstract class OperationContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private static readonly WebhookDeliveryQuery Exhausted = new() { Statuses = [WebhookDeliveryStatus.Exhausted] };

    private static readonly WebhookOperationOptions TenASecond = new() { Rate = 10 };

    private IWebhookOperations Operations => Get<IWebhookOperations>();

    [Fact]
    public async Task A_bulk_retry_makes_all_that_the_query_finds_due_and_shows_how_far_it_has_come()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(5);
        await PublishAsync();
        var delivered = await DeliverAsync();
        var runner = Runner();

        var started = await Operations.StartAsync(
            WebhookOperationKind.Retry, Exhausted, TenASecond with { CreatedBy = "ada" }, Cancellation);
        Assert.Equal((WebhookOperationStatus.Running, 5, false, 0, "ada"), (started.Status, started.Matched, started.MatchedIsAtLeast, started.Done, started.CreatedBy));

        await runner.RunOnceAsync(Cancellation);
        Assert.Equal((WebhookOperationStatus.Running, 2), await ProgressAsync(started.Id));
        await runner.RunOnceAsync(Cancellation);
        Assert.Equal((WebhookOperationStatus.Running, 2), await ProgressAsync(started.Id));

        var ended = await RunToTheEndAsync(runner, started.Id);
        Assert.Equal((WebhookOperationStatus.Completed, 5, 0), (ended.Status, ended.Done, ended.Skipped.Total));
        Assert.Equal(Time.GetUtcNow(), ended.FinishedAt);
        Assert.Equal(ids, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
        Assert.Equal(WebhookDeliveryStatus.Delivered, (await ReadAsync(delivered)).Status);
    }

    [Fact]
    public async Task A_bulk_cancellation_finishes_what_waits_and_leaves_what_is_under_way()
    {
        await RegisterAsync();
        await PublishAsync();
        var underWay = await ClaimOneAsync();
        await PublishAsync();
        var waiting = await FailAsync();
        await PublishAsync();

        var started = await Operations.StartAsync(WebhookOperationKind.Cancel, new WebhookDeliveryQuery { Trigger = "order.created" }, cancellationToken: Cancellation);
        var ended = await RunToTheEndAsync(Runner(), started.Id);

        Assert.Equal((3, 2, 1), (ended.Matched, ended.Done, ended.Skipped.UnderWay));
        Assert.Equal(WebhookDeliveryStatus.Cancelled, (await ReadAsync(waiting)).Status);
        Assert.Equal(WebhookDeliveryStatus.Leased, (await ReadAsync(underWay.Id)).Status);
    }

    [Fact]
    public async Task What_is_published_after_the_start_is_not_touched()
    {
        await RegisterAsync();
        await ExhaustManyAsync(3);
        var started = await Operations.StartAsync(WebhookOperationKind.Cancel, new() { Trigger = "order.created" }, TenASecond, Cancellation);
        await PublishAsync();
        var later = (await Deliveries.ListAsync(new WebhookDeliveryQuery { Limit = 1 }, Cancellation)).Items[0].Id;

        var ended = await RunToTheEndAsync(Runner(), started.Id);

        Assert.Equal((3, 3), (ended.Matched, ended.Skipped.AlreadyFinished));
        Assert.Equal(WebhookDeliveryStatus.Pending, (await ReadAsync(later)).Status);
    }

    [Fact]
    public async Task A_delivery_that_fails_again_meanwhile_is_not_retried_twice()
    {
        await RegisterAsync();
        await ExhaustManyAsync(6);
        var runner = Runner();
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, TenASecond, Cancellation);
        var retried = 0;

        for (var round = 0; round < 20; round++)
        {
            await runner.RunOnceAsync(Cancellation);
            foreach (var delivery in (await ClaimAsync()).Deliveries)
            {
                retried++;
                await RecordAsync(DeliveryRecord.Finish(delivery, Attempt(delivery, 500), WebhookDeliveryStatus.Exhausted, Now));
            }

            Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((WebhookOperationStatus.Completed, 6), await ProgressAsync(started.Id));
        Assert.Equal(6, retried);
        Assert.Equal(6, await Deliveries.CountAsync(Exhausted, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Another_node_goes_on_when_the_lease_of_a_dead_one_has_ended()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(6);
        var (dead, heir) = (Runner(), Runner());
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, TenASecond, Cancellation);

        await dead.RunOnceAsync(Cancellation);
        Time.Advance(OperationSteps.Lease - TimeSpan.FromSeconds(1));
        Assert.Null(await heir.RunOnceAsync(Cancellation));
        Assert.Equal((WebhookOperationStatus.Running, 2), await ProgressAsync(started.Id));

        Time.Advance(TimeSpan.FromSeconds(1));
        await heir.RunOnceAsync(Cancellation);
        Assert.Equal((WebhookOperationStatus.Running, 4), await ProgressAsync(started.Id));

        // It was halted only, and comes back: nothing that it does counts any more.
        await dead.RunOnceAsync(Cancellation);
        Assert.Equal((WebhookOperationStatus.Running, 4), await ProgressAsync(started.Id));

        var ended = await RunToTheEndAsync(heir, started.Id);
        Assert.Equal((WebhookOperationStatus.Completed, 6), (ended.Status, ended.Done));
        Assert.Equal(ids, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    [Fact]
    public async Task A_claim_tells_when_the_next_operation_is_due_or_its_lease_ends_whether_it_finds_a_delivery_or_not()
    {
        await RegisterAsync();
        Assert.Null((await ClaimAsync()).OperationDueAt);
        var first = await Operations.StartAsync(WebhookOperationKind.Cancel, Exhausted, cancellationToken: Cancellation);
        Assert.Equal(Now, (await ClaimAsync()).OperationDueAt);

        Assert.Single(await Get<OperationSteps>().ClaimAsync(1, Cancellation));
        Assert.Equal(Now + (long)OperationSteps.Lease.TotalMilliseconds, (await ClaimAsync()).OperationDueAt);
        Time.Advance(TimeSpan.FromSeconds(1));
        var second = await Operations.StartAsync(WebhookOperationKind.Cancel, Exhausted, cancellationToken: Cancellation);
        await PublishAsync();
        var claim = await ClaimAsync();
        Assert.Equal((1, Now), (claim.Deliveries.Count, claim.OperationDueAt));

        await Operations.CancelAsync(first.Id, Cancellation);
        await Operations.CancelAsync(second.Id, Cancellation);
        Assert.Null((await ClaimAsync()).OperationDueAt);
    }

    [Fact]
    public async Task A_step_that_breaks_off_leaves_neither_its_work_nor_its_progress()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(2);
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, TenASecond, Cancellation);
        var (steps, database) = (Get<OperationSteps>(), Get<WebhookDatabase>());
        var leased = Assert.Single(await steps.ClaimAsync(1, Cancellation));

        // The second one of the step cannot return to the queue: another attempt has the place of its last one. So the step breaks off in the middle.
        var inTheWay = $"""
            insert into {Dialect.Tables.Attempts} (delivery_id, number, started_at, duration_ms, outcome, response_truncated)
            values ({ids[1]}, 1, 0, 0, 0, 0)
            """;
        await database.WriteAsync((connection, transaction) => connection.ExecuteAsync(inTheWay, transaction: transaction), Cancellation);
        await Assert.ThrowsAsync<WebhookStoreException>(() => steps.StepAsync(leased, 2, Cancellation));

        Assert.Equal((WebhookOperationStatus.Running, 0), await ProgressAsync(started.Id));
        Assert.Equal(2, await Deliveries.CountAsync(Exhausted, cancellationToken: Cancellation));
        await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync($"delete from {Dialect.Tables.Attempts}", transaction: transaction), Cancellation);
        Assert.Equal(2, (await steps.StepAsync(leased, 2, Cancellation)).Done);
        Assert.Equal(ids, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    [Fact]
    public async Task Nodes_that_run_at_once_share_the_work_and_double_nothing()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(40);
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, new() { Rate = 50 }, Cancellation);
        var runners = Enumerable.Range(0, 4).Select(_ => Runner()).ToArray();

        while ((await Operations.FindAsync(started.Id, Cancellation))!.Status == WebhookOperationStatus.Running)
        {
            await Task.WhenAll(runners.Select(runner => Task.Run(() => runner.RunOnceAsync(Cancellation))));
            Time.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.Equal((WebhookOperationStatus.Completed, 40), await ProgressAsync(started.Id));
        Assert.Equal(ids, (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    [Fact]
    public async Task A_node_that_stops_gives_its_operations_back_at_once()
    {
        await RegisterAsync();
        await ExhaustManyAsync(4);
        var stopping = Runner();
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, TenASecond, Cancellation);
        await stopping.RunOnceAsync(Cancellation);

        await stopping.ReleaseAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Runner().RunOnceAsync(Cancellation);

        Assert.Equal((WebhookOperationStatus.Running, 4), await ProgressAsync(started.Id));
    }

    [Fact]
    public async Task A_cancelled_operation_does_nothing_more()
    {
        await RegisterAsync();
        await ExhaustManyAsync(6);
        var runner = Runner();
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, TenASecond, Cancellation);
        await runner.RunOnceAsync(Cancellation);

        var cancelled = await Operations.CancelAsync(started.Id, Cancellation);
        Time.Advance(TimeSpan.FromMinutes(5));
        await runner.RunOnceAsync(Cancellation);
        await Runner().RunOnceAsync(Cancellation);

        Assert.Equal((WebhookOperationStatus.Cancelled, 2), (cancelled!.Status, cancelled.Done));
        Assert.Equal((WebhookOperationStatus.Cancelled, 2), await ProgressAsync(started.Id));
        Assert.Equal(2, (await ClaimAsync()).Deliveries.Count);
        Assert.Null(await Operations.CancelAsync(Guid.NewGuid(), Cancellation));
    }

    [Fact]
    public async Task An_operation_of_a_tenant_touches_and_shows_nothing_of_others()
    {
        await RegisterAsync("a", tenant: "acme");
        await RegisterAsync("b", tenant: "evil");
        await PublishAsync(options: new PublishOptions { Tenant = "acme" });
        var ours = await ExhaustAsync();
        await PublishAsync(options: new PublishOptions { Tenant = "evil" });
        var theirs = await ExhaustAsync();
        var acme = Operations.ForTenant("acme");

        var started = await acme.StartAsync(WebhookOperationKind.Retry, Exhausted, new() { IdempotencyKey = "k" }, Cancellation);
        var others = await Operations.ForTenant("evil").StartAsync(
            WebhookOperationKind.Cancel, new() { Tenant = "acme" }, new() { IdempotencyKey = "k" }, Cancellation);
        await RunToTheEndAsync(Runner(), started.Id);

        Assert.Equal((1, "acme"), (started.Matched, started.Tenant));
        Assert.Equal((0, "evil"), (others.Matched, others.Tenant));
        Assert.Equal(0, (await Operations.ForTenant("evil").PreviewAsync(new() { Tenant = "acme" }, Cancellation)).Count);
        Assert.Equal(WebhookDeliveryStatus.Retrying, (await ReadAsync(ours)).Status);
        Assert.Equal(WebhookDeliveryStatus.Exhausted, (await ReadAsync(theirs)).Status);
        Assert.Null(await Operations.ForTenant("evil").FindAsync(started.Id, Cancellation));
        Assert.Null(await Operations.ForTenant("evil").CancelAsync(started.Id, Cancellation));
        Assert.Equal(started.Id, Assert.Single((await acme.ListAsync(cancellationToken: Cancellation)).Items).Id);
        Assert.Equal(2, (await Operations.ListAsync(cancellationToken: Cancellation)).Items.Count);
    }

    [Fact]
    public async Task An_idempotency_key_starts_one_operation()
    {
        await RegisterAsync();
        await ExhaustManyAsync(2);
        var options = new WebhookOperationOptions { IdempotencyKey = "again" };

        var started = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, options, Cancellation))));
        var other = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, options with { IdempotencyKey = "Again" }, Cancellation);

        Assert.Single(started.Select(operation => operation.Id).Distinct());
        Assert.NotEqual(started[0].Id, other.Id);
        Assert.Equal([other.Id, started[0].Id], (await Operations.ListAsync(cancellationToken: Cancellation)).Items.Select(operation => operation.Id));
    }

    [Fact]
    public async Task An_idempotency_key_of_another_kind_or_query_starts_nothing()
    {
        await RegisterAsync();
        await ExhaustManyAsync(2);
        var options = new WebhookOperationOptions { IdempotencyKey = "again" };
        var from = Time.GetUtcNow().AddDays(-1).AddTicks(7);
        var query = Exhausted with { CreatedFrom = from, Outcomes = [WebhookAttemptOutcome.HttpError], Ids = [1, 2] };
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, query, options, Cancellation);

        foreach (var (kind, other) in new[]
        {
            (WebhookOperationKind.Cancel, query),
            (WebhookOperationKind.Retry, query with { Ids = [1] }),
            (WebhookOperationKind.Retry, query with { CreatedFrom = null }),
        })
        {
            var conflict = await Assert.ThrowsAsync<WebhookOperationConflictException>(
                () => Operations.StartAsync(kind, other, options, Cancellation));
            Assert.Equal(started.Id, conflict.ExistingOperationId);
        }

        var same = query with { Ids = [.. query.Ids], Limit = 7 };
        Assert.Equal(started.Id, (await Operations.StartAsync(WebhookOperationKind.Retry, same, options, Cancellation)).Id);
        Assert.Single((await Operations.ListAsync(cancellationToken: Cancellation)).Items);
    }

    [Fact]
    public async Task Operations_are_listed_page_by_page_the_newest_first()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await Operations.StartAsync(WebhookOperationKind.Cancel, new() { WebhookId = i }, cancellationToken: Cancellation)).Id);
        }

        var first = await Operations.ListAsync(limit: 2, cancellationToken: Cancellation);
        var second = await Operations.ListAsync(first.Next, 2, Cancellation);

        Assert.Equal(ids, first.Items.Concat(second.Items).Select(operation => operation.Id));
        Assert.Equal([2, 1, 0], first.Items.Concat(second.Items).Select(operation => operation.Query.WebhookId!.Value));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_preview_counts_and_shows_the_newest_ten()
    {
        await RegisterAsync();
        var ids = await ExhaustManyAsync(12);

        var preview = await Operations.PreviewAsync(Exhausted with { Limit = 1 }, Cancellation);

        Assert.Equal((12, false), (preview.Count, preview.CountIsAtLeast));
        Assert.Equal(ids.Reverse().Take(10), preview.Sample.Select(delivery => delivery.Id));
        Assert.Empty((await ClaimAsync()).Deliveries);
    }

    [Fact]
    public async Task What_is_skipped_is_counted_by_its_reason()
    {
        var disabled = await RegisterAsync("a", "order.created");
        var deleted = await RegisterAsync("b", "order.paid");
        await PublishAsync("order.created");
        await ExhaustAsync();
        await PublishAsync("order.paid");
        await ExhaustAsync();
        await Registry.DisableAsync(disabled.Id, cancellationToken: Cancellation);
        await Registry.DeleteAsync(deleted.Id, Cancellation);

        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, cancellationToken: Cancellation);
        var ended = await RunToTheEndAsync(Runner(), started.Id);

        Assert.Equal(new WebhookOperationSkips { WebhookDisabled = 1, WebhookDeleted = 1 }, ended.Skipped);
        Assert.Equal(0, ended.Done);
    }

    [Fact]
    public async Task A_large_log_in_which_little_is_found_is_searched_in_parts_down_to_the_oldest()
    {
        await RegisterAsync();
        var oldest = (await ExhaustManyAsync(1))[0];
        await ExhaustManyAsync(2);
        var ids = new[] { 60_000L, 25_000L, oldest };
        await MoveAsync(oldest + 1, ids[0]);
        await MoveAsync(oldest + 2, ids[1]);
        var slow = new StoreClock(new SlowTime(Time), NullLogger<StoreClock>.Instance);
        var steps = new OperationSteps(
            Get<WebhookDatabase>(), Get<DeliveryRepository>(), Get<QueueRepository>(), Get<CancelRepository>(), slow);
        var started = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, cancellationToken: Cancellation);
        var leased = Assert.Single(await steps.ClaimAsync(1, Cancellation));
        var results = new List<OperationStep>();
        do
        {
            results.Add(await steps.StepAsync(leased, 5, Cancellation));
        }
        while (results[^1].Result == OperationStepResult.GoesOn);

        Assert.InRange(results.Count, 3, 10);
        Assert.Equal((WebhookOperationStatus.Completed, 3), await ProgressAsync(started.Id));
        Assert.Equal(ids.Order(), (await ClaimAsync()).Deliveries.Select(delivery => delivery.Id).Order());
    }

    private Task MoveAsync(long id, long to) => Get<WebhookDatabase>().WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            $"update {Dialect.Tables.Deliveries} set id = @To where id = @Id", new { Id = id, To = to }, transaction),
        Cancellation);

    [Fact]
    public async Task Retention_takes_operations_that_have_ended_and_no_others()
    {
        await RegisterAsync();
        await ExhaustManyAsync(1);
        var ended = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, cancellationToken: Cancellation);
        await RunToTheEndAsync(Runner(), ended.Id);
        var running = await Operations.StartAsync(WebhookOperationKind.Retry, Exhausted, cancellationToken: Cancellation);
        Time.Advance(TimeSpan.FromDays(8));

        Assert.Equal(1, await Get<RetentionRepository>().DeleteOperationsAsync(Now, Cancellation));

        Assert.Null(await Operations.FindAsync(ended.Id, Cancellation));
        Assert.NotNull(await Operations.FindAsync(running.Id, Cancellation));
    }

    [Fact]
    public async Task A_query_that_filters_nothing_is_refused_unless_all_are_meant()
    {
        await RegisterAsync();
        await ExhaustManyAsync(2);

        var refused = await Assert.ThrowsAsync<WebhookValidationException>(
            () => Operations.StartAsync(WebhookOperationKind.Retry, new() { Limit = 7, Ids = new List<long>() }, new() { Rate = 0 }, Cancellation));

        Assert.Equal(["rate", "filter"], refused.Errors.Select(error => error.Field));
        Assert.Empty((await Operations.ListAsync(cancellationToken: Cancellation)).Items);
        Assert.Equal(2, (await Operations.StartAsync(WebhookOperationKind.Retry, new(), new() { All = true }, Cancellation)).Matched);
    }

    private OperationRunner Runner() =>
        new(Get<OperationSteps>(), Get<StoreClock>(), Get<DispatchSignal>(), NullLogger<OperationRunner>.Instance);

    private async Task<IReadOnlyList<long>> ExhaustManyAsync(int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            await PublishAsync();
            ids.Add(await ExhaustAsync());
        }

        return ids;
    }

    private async Task<(WebhookOperationStatus Status, int Done)> ProgressAsync(Guid id)
    {
        var operation = await Operations.FindAsync(id, Cancellation);
        Assert.NotNull(operation);
        return (operation.Status, operation.Done);
    }

    private async Task<WebhookOperation> RunToTheEndAsync(OperationRunner runner, Guid id)
    {
        for (var step = 0; step < 100; step++)
        {
            await runner.RunOnceAsync(Cancellation);
            if (await Operations.FindAsync(id, Cancellation) is { Status: not WebhookOperationStatus.Running } ended)
            {
                return ended;
            }

            Time.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.Fail("The operation does not end.");
        return null!;
    }

    /// <summary>By which everything takes a second.</summary>
    private sealed class SlowTime(TimeProvider time) : TimeProvider
    {
        private long _readings;

        public override long TimestampFrequency => 1;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp() => ++_readings;
    }
}
