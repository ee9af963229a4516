using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Dispatching;

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>Events that are added to a context exist exactly if what it saves does.</summary>
public sealed class SaveChangesTests : ShopTest
{
    [Theory]
    [InlineData(AutoTransactionBehavior.WhenNeeded)]
    [InlineData(AutoTransactionBehavior.Always)]
    [InlineData(AutoTransactionBehavior.Never)]
    public async Task An_entity_and_its_event_are_saved_together(AutoTransactionBehavior behavior)
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.Database.AutoTransactionBehavior = behavior;
        var awake = Services.GetRequiredService<DispatchSignal>().WaitAsync(Cancellation);

        // One entity is one command, which would need no transaction of its own.
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        Assert.Empty(await EventsAsync());
        Assert.Equal(1, await shop.SaveChangesAsync(Cancellation));

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
        Assert.Equal(behavior, shop.Database.AutoTransactionBehavior);
        await awake;

        // Once is enough.
        shop.Orders.Add(new Order { Id = 18 });
        await shop.SaveChangesAsync(Cancellation);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task An_entity_that_cannot_be_saved_has_no_event_and_may_be_mended()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        await shop.SaveChangesAsync(Cancellation);
        shop.ChangeTracker.Clear();

        var order = shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(18));
        await Assert.ThrowsAsync<DbUpdateException>(() => shop.SaveChangesAsync(Cancellation));
        Assert.Empty(await EventsAsync());
        Assert.Equal(AutoTransactionBehavior.WhenNeeded, shop.Database.AutoTransactionBehavior);

        order.Entity.Id = 18;
        await shop.SaveChangesAsync(Cancellation);
        Assert.Equal([17, 18], await OrdersAsync());
        Assert.Equal(["""{"id":18}"""], await EventsAsync());
    }

    [Fact]
    public async Task An_event_that_cannot_be_published_keeps_the_entity_from_being_saved()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        var options = new PublishOptions { IdempotencyKey = "key" };
        await Services.GetRequiredService<IWebhookPublisher>().PublishAsync(new OrderPaid(1), options, Cancellation);

        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17), options);
        await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => shop.SaveChangesAsync(Cancellation));
        Assert.Empty(await OrdersAsync());

        shop.ClearWebhookEvents();
        await shop.SaveChangesAsync(Cancellation);
        Assert.Equal([17], await OrdersAsync());
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task What_can_be_refused_is_refused_when_it_is_added()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        Assert.Throws<WebhookValidationException>(() => shop.AddWebhookEvent("not.there", new { }));
        Assert.Throws<WebhookValidationException>(() => shop.AddWebhookEvent(new { }));

        await shop.SaveChangesAsync(Cancellation);
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task A_webhook_with_filters_gets_the_saved_events_whose_payload_has_their_values()
    {
        var webhook = await Services.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "b", Url = "https://example.com", Triggers = ["*"], Filters = [new("id", "18")] }, Cancellation);
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.AddWebhookEvent(new OrderPaid(17));
        shop.AddWebhookEvent(new OrderPaid(18));
        await shop.SaveChangesAsync(Cancellation);

        var page = await Services.GetRequiredService<IWebhookDeliveries>().ListAsync(
            new WebhookDeliveryQuery { WebhookId = webhook.Webhook.Id, IncludePayload = true }, Cancellation);
        Assert.Equal("""{"id":18}""", System.Text.Encoding.UTF8.GetString(Assert.Single(page.Items).Payload!.Value.Span));
    }

    [Fact]
    public async Task Events_need_no_entity()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.AddWebhookEvent(new OrderPaid(17));
        shop.AddWebhookEvent("order.sent", new { Id = 18 });

        Assert.Equal(0, await shop.SaveChangesAsync(Cancellation));

        Assert.Equal(["""{"id":17}""", """{"id":18}"""], await EventsAsync());
    }

    [Fact]
    public async Task Saving_twice_in_one_transaction_publishes_with_its_commit()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        await SaveAsync(shop, 17);
        await SaveAsync(shop, 18);
        Assert.Empty(await EventsAsync());
        await transaction.CommitAsync(Cancellation);

        Assert.Equal([17, 18], await OrdersAsync());
        Assert.Equal(["""{"id":17}""", """{"id":18}"""], await EventsAsync());
    }

    [Fact]
    public async Task After_a_rollback_neither_exists_and_nothing_is_left_for_the_next_transaction()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using (var transaction = await shop.Database.BeginTransactionAsync(Cancellation))
        {
            await SaveAsync(shop, 17);
            await transaction.RollbackAsync(Cancellation);
        }

        shop.ChangeTracker.Clear();
        await SaveAsync(shop, 18);
        Assert.Equal([18], await OrdersAsync());
        Assert.Equal(["""{"id":18}"""], await EventsAsync());
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_takes_back_the_events_after_it()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        await SaveAsync(shop, 17);
        await transaction.CreateSavepointAsync("here", Cancellation);
        await SaveAsync(shop, 18);
        await transaction.RollbackToSavepointAsync("here", Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task What_was_not_saved_is_not_published_by_a_commit()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        shop.AddWebhookEvent(new OrderPaid(17));
        await transaction.CommitAsync(Cancellation);
        await transaction.DisposeAsync();

        Assert.Empty(await EventsAsync());
        await shop.SaveChangesAsync(Cancellation);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task A_transaction_may_be_committed_without_waiting()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        await SaveAsync(shop, 17);
#pragma warning disable CA1849, MA0042 // It is what is tested.
        transaction.Commit();
#pragma warning restore CA1849, MA0042

        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task SaveChanges_without_async_is_refused_while_there_are_events_and_saves_nothing()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
#pragma warning disable CA1849, MA0042 // It is what is tested.
        Assert.Throws<NotSupportedException>(() => shop.SaveChanges());
        Assert.Empty(await OrdersAsync());

        shop.ClearWebhookEvents();
        Assert.Equal(1, shop.SaveChanges());
#pragma warning restore CA1849, MA0042
    }

    [Fact]
    public async Task A_TransactionScope_is_refused_and_saves_nothing()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        using (var ambient = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => shop.SaveChangesAsync(Cancellation));
            ambient.Complete();
        }

        Assert.Empty(await OrdersAsync());
        await shop.SaveChangesAsync(Cancellation);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task The_publisher_itself_takes_the_transaction_of_a_context()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        shop.Orders.Add(new Order { Id = 17 });
        await shop.SaveChangesAsync(Cancellation);
        var published = await Services.GetRequiredService<IWebhookPublisher>().PublishAsync(
            new OrderPaid(17), shop.Database.CurrentTransaction!.GetDbTransaction(), Cancellation);
        Assert.Empty(await EventsAsync());
        await transaction.CommitAsync(Cancellation);
        published.Notify();

        Assert.Equal([17], await OrdersAsync());
        Assert.Single(await EventsAsync());
    }

    private static async Task SaveAsync(Shop shop, int id)
    {
        shop.Orders.Add(new Order { Id = id });
        shop.AddWebhookEvent(new OrderPaid(id));
        await shop.SaveChangesAsync(Cancellation);
    }
}
