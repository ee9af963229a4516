using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>The figures of the overview: what the writer made durable, added up by all nodes.</summary>
public abstract class OverviewContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private IWebhookOverview Overview => Get<IWebhookOverview>();

    [Fact]
    public async Task Attempts_are_counted_as_they_are_recorded_and_shown_once_they_are_added()
    {
        await RegisterAsync();
        await PublishAsync();
        await DeliverAsync();
        await PublishAsync();
        await FailAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        await ExhaustAsync();

        Assert.Equal(0, (await Overview.ReadAsync(cancellationToken: Cancellation)).Totals.Delivered);
        await FlushAsync();

        var overview = await Overview.ReadAsync(cancellationToken: Cancellation);
        Assert.Equal(60, overview.Series.Count);
        Assert.Equal(new WebhookFigures { Delivered = 1, FailedAttempts = 1, MeanDuration = TimeSpan.FromMilliseconds(12) }, overview.Series[^2].Figures);
        Assert.Equal(new WebhookFigures { FailedAttempts = 1, Exhausted = 1, MeanDuration = TimeSpan.FromMilliseconds(12) }, overview.Series[^1].Figures);
        Assert.All(overview.Series.SkipLast(2), step => Assert.Equal(new WebhookFigures(), step.Figures));
        Assert.Equal((1, 2, 1), (overview.Totals.Delivered, overview.Totals.FailedAttempts, overview.Totals.Exhausted));
        Assert.Equal(1.0 / 3, overview.Totals.SuccessRate);
        Assert.Equal(Time.GetUtcNow(), overview.Series[^1].At);
    }

    [Theory]
    [InlineData(WebhookOverviewWindow.LastDay, 24)]
    [InlineData(WebhookOverviewWindow.LastWeek, 168)]
    public async Task Days_and_weeks_are_shown_by_the_hour(WebhookOverviewWindow window, int hours)
    {
        await RegisterAsync();
        for (var minute = 0; minute < 3; minute++)
        {
            await PublishAsync();
            await DeliverAsync();
            await FlushAsync();
            Time.Advance(TimeSpan.FromMinutes(30));
        }

        var overview = await Overview.ReadAsync(window, Cancellation);

        Assert.Equal(hours, overview.Series.Count);
        Assert.Equal([2, 1], overview.Series.TakeLast(2).Select(step => step.Figures.Delivered));
        Assert.Equal(3, overview.Totals.Delivered);
    }

    [Fact]
    public async Task Several_nodes_add_their_figures_up()
    {
        var webhook = await RegisterAsync();
        await PublishAsync();
        var delivery = await ClaimOneAsync();
        var records = Enumerable.Repeat(DeliveryRecord.Finish(delivery, Attempt(delivery, 200), WebhookDeliveryStatus.Delivered, Now), 3).ToList();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            var node = new RollUps();
            node.Add(records, Now);
            await FlushAsync(node);
        })));

        Assert.Equal(18, (await Overview.ReadAsync(cancellationToken: Cancellation)).Totals.Delivered);
        Assert.Equal(18, (await Overview.ReadAsync(WebhookOverviewWindow.LastWeek, Cancellation)).Totals.Delivered);
        Assert.Equal(webhook.Id, delivery.WebhookId);
    }

    [Fact]
    public async Task The_webhooks_that_fail_most_come_first()
    {
        var (good, bad, worse) = (await RegisterAsync("good", "user.created"), await RegisterAsync("bad", "order.created"), await RegisterAsync("worse", "order.paid"));
        await PublishAsync("user.created");
        await DeliverAsync();
        await PublishAsync("order.created");
        await ExhaustAsync();
        for (var i = 0; i < 2; i++)
        {
            await PublishAsync("order.paid");
            await ExhaustAsync();
        }

        await FlushAsync();

        var failing = (await Overview.ReadAsync(cancellationToken: Cancellation)).Failing;
        Assert.Equal([(worse.Id, worse.Uid, "worse", 2), (bad.Id, bad.Uid, "bad", 1)], failing.Select(one => (one.Id, one.Uid, one.Name, (int)one.Figures.FailedAttempts)));
        Assert.DoesNotContain(failing, one => one.Id == good.Id);

        await Registry.DeleteAsync(worse.Id, Cancellation);
        var overview = await Overview.ReadAsync(cancellationToken: Cancellation);
        Assert.Equal(bad.Id, Assert.Single(overview.Failing).Id);
        Assert.Equal(3, overview.Totals.FailedAttempts);
    }

    [Fact]
    public async Task The_backlog_shows_what_is_not_finished_and_since_when_the_oldest_is_due()
    {
        var parked = await RegisterAsync("parked", "user.created");
        await RegisterAsync("shop", "order.*");
        await PublishAsync("user.created");
        await Registry.DisableAsync(parked.Id, cancellationToken: Cancellation);
        await PublishAsync();
        await FailAsync();
        await PublishAsync();
        await ClaimOneAsync();
        await PublishAsync();
        Time.Advance(TimeSpan.FromSeconds(10));
        await PublishAsync();

        var backlog = (await Overview.ReadAsync(cancellationToken: Cancellation)).Backlog;

        Assert.Equal(
            new WebhookBacklog { Pending = 2, Leased = 1, Retrying = 1, Parked = 1, IsAtLeast = false, OldestDueAt = Time.GetUtcNow().AddSeconds(-10) }, backlog);
        await ClaimAsync();
        Assert.Null((await Overview.ReadAsync(cancellationToken: Cancellation)).Backlog.OldestDueAt);
    }

    [Fact]
    public async Task A_tenant_sees_the_figures_of_its_own_webhooks()
    {
        foreach (var tenant in new[] { "acme", "evil" })
        {
            await RegisterAsync(tenant, tenant: tenant);
            await PublishAsync(options: new PublishOptions { Tenant = tenant });
            await ExhaustAsync();
            await PublishAsync(options: new PublishOptions { Tenant = tenant });
            await FailAsync();
        }

        await FlushAsync();
        Time.Advance(TimeSpan.FromMinutes(2));

        var acme = await Overview.ForTenant("acme").ReadAsync(cancellationToken: Cancellation);
        Assert.Equal((2, 1), (acme.Totals.FailedAttempts, acme.Totals.Exhausted));
        Assert.Equal("acme", Assert.Single(acme.Failing).Name);
        Assert.Equal((1, Time.GetUtcNow().AddMinutes(-1)), (acme.Backlog.Retrying, acme.Backlog.OldestDueAt));
        var nobody = await Overview.ForTenant("nobody").ReadAsync(cancellationToken: Cancellation);
        Assert.Equal((0, 0, null), (nobody.Totals.FailedAttempts, nobody.Backlog.Retrying, nobody.Backlog.OldestDueAt));
        Assert.Equal(4, (await Overview.ReadAsync(cancellationToken: Cancellation)).Totals.FailedAttempts);
    }

    [Fact]
    public async Task Minutes_are_deleted_before_hours_one_at_a_time()
    {
        await RegisterAsync();
        for (var minute = 0; minute < 3; minute++)
        {
            await PublishAsync();
            await DeliverAsync();
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        await FlushAsync();
        var stored = Get<RollUpRepository>();

        Assert.Equal(1, await stored.DeleteAsync(RollUpRepository.Minutes, Now - 60_000, Cancellation));
        Assert.Equal(2, (await Overview.ReadAsync(cancellationToken: Cancellation)).Totals.Delivered);
        Assert.Equal(1, await stored.DeleteAsync(RollUpRepository.Minutes, Now - 60_000, Cancellation));
        Assert.Equal(0, await stored.DeleteAsync(RollUpRepository.Minutes, Now - 60_000, Cancellation));

        Assert.Equal(1, (await Overview.ReadAsync(cancellationToken: Cancellation)).Totals.Delivered);
        Assert.Equal(3, (await Overview.ReadAsync(WebhookOverviewWindow.LastDay, Cancellation)).Totals.Delivered);
    }

    private Task FlushAsync(RollUps? node = null) =>
        new RollUpService(node ?? Get<RollUps>(), Get<RollUpRepository>(), Get<StoreClock>(), NullLogger<RollUpService>.Instance).FlushAsync(Cancellation);
}
