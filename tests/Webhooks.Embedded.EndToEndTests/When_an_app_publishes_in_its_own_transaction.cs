using Microsoft.Data.Sqlite;

namespace Webhooks.Embedded.EndToEndTests;

public sealed class When_an_app_publishes_in_its_own_transaction
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_event_is_delivered_after_the_commit()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);

        var published = await PublishAsync(app, commit: true);

        await app.UntilAsync(published, WebhookDeliveryStatus.Delivered);
        Assert.Equal(published.Id, Assert.Single(receiver.Requests).Id);
    }

    [Fact]
    public async Task Nothing_is_ever_sent_after_a_rollback()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await WebhooksApp.StartAsync();
        await app.RegisterAsync(receiver.Url);

        (await PublishAsync(app, commit: false)).Notify();
        var later = await PublishAsync(app, commit: true);

        await app.UntilAsync(later, WebhookDeliveryStatus.Delivered);
        Assert.Equal(later.Id, Assert.Single(receiver.Requests).Id);
    }

    private static async Task<PublishedEvent> PublishAsync(WebhooksApp app, bool commit)
    {
        await using var connection = new SqliteConnection(app.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var published = await app.Publisher.PublishAsync("order.created", new { Id = 17 }, transaction, cancellationToken: Cancellation);
        if (commit)
        {
            await transaction.CommitAsync(Cancellation);
        }

        return published;
    }
}
