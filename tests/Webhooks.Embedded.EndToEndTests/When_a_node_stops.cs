using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_a_node_stops
{
    [Fact]
    public async Task What_is_under_way_finishes_and_what_was_not_begun_is_due_at_once_for_the_next_start()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.GetDirectoryName(folder.File("x"))!;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(300));
        PublishedEvent[] published;
        await using (var app = await WebhooksApp.StartAsync(options => options.ConcurrencyPerWebhook = 2, directory: directory))
        {
            await app.RegisterAsync(receiver.Url);
            published = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.PublishAsync()));
            await Until.TrueAsync(() => receiver.UnderWay == 2);
            await app.StopAsync(TimeSpan.FromSeconds(30));
        }

        var before = receiver.Requests.Count;
        Assert.InRange(before, 2, published.Length - 1);
        receiver.Script = _ => new Answer(200);
        await using (var app = await WebhooksApp.StartAsync(directory: directory))
        {
            // No lease to wait for: this takes no minute.
            await Until.TrueAsync(() => receiver.Requests.Count >= published.Length);
            await Until.TrueAsync(async () => await app.Deliveries.CountAsync(new() { Statuses = [WebhookDeliveryStatus.Delivered] }) == 20);
            Assert.Equal(published.Select(result => result.Id).Order(), receiver.Requests.Select(request => request.Id).Order());
        }
    }

    [Fact]
    public async Task A_request_that_outlasts_the_hosts_time_is_aborted_shown_as_interrupted_and_made_again()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.GetDirectoryName(folder.File("x"))!;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromSeconds(30));
        PublishedEvent published;
        await using (var app = await WebhooksApp.StartAsync(directory: directory))
        {
            await app.RegisterAsync(receiver.Url);
            published = await app.PublishAsync();
            await Until.TrueAsync(() => receiver.UnderWay == 1);
            await app.StopAsync(TimeSpan.FromMilliseconds(200));
        }

        receiver.Script = _ => new Answer(200);
        await using (var app = await WebhooksApp.StartAsync(directory: directory))
        {
            var delivery = await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
            Assert.Equal(
                [WebhookAttemptOutcome.Interrupted, WebhookAttemptOutcome.Delivered],
                (await app.Deliveries.AttemptsAsync(delivery.Id)).Select(attempt => attempt.Outcome));
        }
    }

    [Fact]
    public async Task A_host_without_any_time_left_gives_back_all_the_same_what_was_not_begun()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.GetDirectoryName(folder.File("x"))!;
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromSeconds(30));
        await using (var app = await WebhooksApp.StartAsync(options => options.ConcurrencyPerWebhook = 1, directory: directory))
        {
            await app.RegisterAsync(receiver.Url);
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.PublishAsync()));
            await Until.TrueAsync(() => receiver.UnderWay == 1);
            await app.StopAsync(TimeSpan.Zero);
        }

        receiver.Script = _ => new Answer(200);
        await using (var app = await WebhooksApp.StartAsync(directory: directory))
        {
            var delivered = new WebhookDeliveryQuery { Statuses = [WebhookDeliveryStatus.Delivered] };
            await Until.TrueAsync(async () => await app.Deliveries.CountAsync(delivered) == 5);
            Assert.Equal(6, (await app.Deliveries.ListAsync(delivered)).Items.Sum(delivery => delivery.Attempts));
        }
    }

    [Fact]
    public async Task A_host_does_not_wait_for_a_store_that_is_away_longer_than_it_has_time()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromSeconds(30));
        await using var app = await WebhooksApp.StartAsync(services: StoreThatGoesAway.AddTo);
        var store = app.Services.GetRequiredService<StoreThatGoesAway>();
        await app.RegisterAsync(receiver.Url);
        await app.PublishAsync();
        await Until.TrueAsync(() => receiver.UnderWay == 1);

        store.IsAway = true;
        await app.StopAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(TimeSpan.FromSeconds(30));
        store.IsAway = false;
    }

    [Fact]
    public async Task When_the_store_comes_back_outcomes_are_recorded_and_nothing_is_sent_twice()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Script = _ => new Answer(200, TimeSpan.FromMilliseconds(200));
        await using var app = await WebhooksApp.StartAsync(services: StoreThatGoesAway.AddTo);
        var store = app.Services.GetRequiredService<StoreThatGoesAway>();
        await app.RegisterAsync(receiver.Url);
        var published = await app.PublishAsync();
        await Until.TrueAsync(() => receiver.UnderWay == 1);

        store.IsAway = true;
        await Until.TrueAsync(() => receiver.UnderWay == 0);
        Assert.True((await Assert.ThrowsAsync<WebhookStoreException>(() => app.PublishAsync())).IsTransient);
        store.IsAway = false;

        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Publishing_is_refused_afterwards_and_nothing_is_half_stored()
    {
        var app = await WebhooksApp.StartAsync();
        await app.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => app.PublishAsync());
    }

    [Fact]
    public async Task A_webhook_that_is_disabled_while_its_request_is_under_way_parks_what_fails()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        var webhook = await app.RegisterAsync(receiver.Url);
        receiver.Script = _ => new Answer(500, TimeSpan.FromMilliseconds(300));
        var published = await app.PublishAsync();
        await Until.TrueAsync(() => receiver.UnderWay == 1);

        await app.Registry.DisableAsync(webhook.Id);
        var parked = await app.UntilAsync(published, WebhookDeliveryStatus.Parked);
        Assert.Equal(1, parked.Attempts);

        receiver.Script = _ => new Answer(200);
        await app.Registry.EnableAsync(webhook.Id, sendParked: true);
        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
    }

    [Fact]
    public async Task A_webhook_that_is_deleted_while_its_request_is_under_way_gets_no_other_one()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(options => options.Retry.Delays = [TimeSpan.FromHours(1)]);
        var webhook = await app.RegisterAsync(receiver.Url);
        receiver.Script = _ => new Answer(500, TimeSpan.FromMilliseconds(300));
        var published = await app.PublishAsync();
        await Until.TrueAsync(() => receiver.UnderWay == 1);

        await app.Registry.DeleteAsync(webhook.Id);

        var cancelled = await app.UntilAsync(published, WebhookDeliveryStatus.Cancelled);
        Assert.Equal(500, cancelled.LastAttempt?.StatusCode);
    }
}
