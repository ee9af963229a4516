namespace Webhooks.Embedded.EndToEndTests;

/// <summary>D19: the keys of Data Protection are gone when the app starts again, and are back at another start.</summary>
public sealed class When_keys_are_lost
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deliveries_are_parked_with_the_reason_and_are_delivered_when_the_keys_are_back()
    {
        var directory = Directory.CreateTempSubdirectory("webhooks-").FullName;
        var keys = Path.Combine(directory, "keys");
        var away = Path.Combine(directory, "away");
        await using var receiver = await Receiver.StartAsync();
        try
        {
            await using (var app = await WebhooksApp.StartAsync(directory: directory))
            {
                await app.RegisterAsync(receiver.Url);
                await app.UntilAsync(await app.PublishAsync(), WebhookDeliveryStatus.Delivered);
            }

            Directory.Move(keys, away);
            PublishedEvent published;
            await using (var app = await WebhooksApp.StartAsync(directory: directory))
            {
                published = await app.PublishAsync();
                var parked = await app.UntilAsync(published, WebhookDeliveryStatus.Parked);

                Assert.Equal(WebhookAttemptOutcome.SecretUnreadable, parked.LastAttempt!.Outcome);
                Assert.Contains("When the keys are back", parked.LastAttempt.Error, StringComparison.Ordinal);
                Assert.False((await app.Registry.FindAsync(parked.WebhookId, Cancellation))!.SecretReadable);
                await Assert.ThrowsAsync<WebhookSecretUnreadableException>(() => app.Registry.RevealSecretsAsync(parked.WebhookId, Cancellation));

                // A secret that is rotated meanwhile can be read; the app goes on with it.
                var other = await app.Registry.CreateAsync(new WebhookSettings { Name = "new", Url = receiver.UrlFor("new"), Triggers = ["order.paid"] }, Cancellation);
                Assert.True(other.Webhook.SecretReadable);
                Assert.Single(receiver.Requests);
            }

            Directory.Delete(keys, recursive: true);
            Directory.Move(away, keys);
            await using (var app = await WebhooksApp.StartAsync(directory: directory))
            {
                var delivered = await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);

                Assert.Equal(2, delivered.Attempts);
                Assert.All(receiver.Requests, request => Assert.True(request.Verification.IsValid));
                Assert.Equal(2, receiver.Requests.Count);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
