using System.Text;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_an_event_is_delivered
{
    [Fact]
    public async Task The_receiver_gets_the_published_bytes_signed_and_the_log_shows_the_attempt()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);

        var published = await app.PublishAsync(payload: new { Name = "Zoë 日本", Total = 1.5m });
        var delivery = await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);

        var request = Assert.Single(receiver.Requests);
        Assert.True(request.Verification.IsValid, request.Verification.Message);
        Assert.Equal(published.Id, request.Id);
        Assert.Equal("order.created", request.Trigger);
        Assert.Equal(delivery.Payload?.ToArray() ?? (await app.Deliveries.FindAsync(delivery.Id))!.Payload!.Value.ToArray(), request.Body);
        Assert.Contains("\"total\":1.5", Encoding.UTF8.GetString(request.Body), StringComparison.Ordinal);
        Assert.Equal(200, delivery.LastAttempt!.StatusCode);
        Assert.Equal(receiver.Url, delivery.LastAttempt.Url);
        Assert.Contains(KeyValuePair.Create("webhook-signature", request.Signature), delivery.LastAttempt.RequestHeaders);
    }

    [Fact]
    public async Task A_failed_attempt_is_followed_by_another_with_the_same_id_and_bytes_and_a_signature_of_its_own_time()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(options => options.Retry.Delays = [TimeSpan.FromSeconds(1.2)]);
        await app.RegisterAsync(receiver.Url);
        receiver.Script = _ => new Answer(receiver.Requests.Count == 1 ? 503 : 204);

        var published = await app.PublishAsync();
        var delivery = await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);

        Assert.Equal(2, delivery.Attempts);
        var requests = receiver.Requests.ToArray();
        Assert.Equal(requests[0].Id, requests[1].Id);
        Assert.Equal(requests[0].Body, requests[1].Body);
        Assert.True(requests[1].Timestamp > requests[0].Timestamp);
        Assert.NotEqual(requests[0].Signature, requests[1].Signature);
        Assert.All(requests, request => Assert.True(request.Verification.IsValid));
        Assert.Equal([503, 204], (await app.Deliveries.AttemptsAsync(delivery.Id)).Select(attempt => attempt.StatusCode!.Value));
    }

    [Fact]
    public async Task Out_of_attempts_it_is_exhausted_and_a_person_can_send_it_again()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);
        receiver.Script = _ => new Answer(500);

        var published = await app.PublishAsync();
        var exhausted = await app.UntilAsync(published, WebhookDeliveryStatus.Exhausted);
        Assert.Equal(4, exhausted.Attempts);

        receiver.Script = _ => new Answer(200);
        Assert.Equal(WebhookRetryResult.Queued, await app.Deliveries.RetryAsync(exhausted.Id));
        var delivered = await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);

        Assert.Equal((exhausted.Id, 5), (delivered.Id, delivered.Attempts));
        Assert.Single(receiver.Requests.Select(request => request.Id).Distinct());
    }

    [Fact]
    public async Task It_may_be_published_before_the_host_has_started()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = WebhooksApp.Create();
        await app.RegisterAsync(receiver.Url);
        var published = await app.PublishAsync();
        Assert.Empty(receiver.Requests);

        await app.StartAsync();

        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task During_a_rotation_the_old_secret_verifies_as_well_as_the_new_one()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        var webhook = await app.RegisterAsync(receiver.Url);

        var rotated = await app.Registry.RotateSecretAsync(webhook.Id);
        await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal(2, request.Signature.Split(' ').Length);
        Assert.True(request.Verification.IsValid);
        Assert.True(new WebhookVerifier([rotated!.Secret]).Verify(request.Body, request.Headers).IsValid);
    }

    [Fact]
    public async Task A_webhook_gets_no_more_requests_at_once_than_its_share()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync(options => options.ConcurrencyPerWebhook = 3);
        await app.RegisterAsync(receiver.Url);
        var most = 0;
        receiver.Script = _ =>
        {
            most = Math.Max(most, receiver.UnderWay);
            return new Answer(200, TimeSpan.FromMilliseconds(20));
        };

        var published = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => app.PublishAsync()));
        await Until.TrueAsync(() => receiver.Requests.Count == published.Length);

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Thousands_of_events_are_each_delivered_exactly_once()
    {
        const int count = 5_000;
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);

        var published = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => app.PublishAsync()));
        await Until.TrueAsync(async () => await app.Deliveries.CountAsync(new() { Statuses = [WebhookDeliveryStatus.Delivered] }) == count);

        Assert.Equal(published.Select(result => result.Id).Order(), receiver.Requests.Select(request => request.Id).Order());
    }
}
