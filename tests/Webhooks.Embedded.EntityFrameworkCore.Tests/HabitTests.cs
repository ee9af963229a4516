using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>What apps do around SaveChanges: fail before it begins, save within it, try again what was not accepted.</summary>
public sealed class HabitTests : ShopTest
{
    [Fact]
    public async Task What_failed_before_it_was_saved_is_not_published_by_another_transaction()
    {
        await using var scope = Scope([new OnSaving(_ => throw new FormatException("The order is not complete."))]);
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        await Assert.ThrowsAsync<FormatException>(() => shop.SaveChangesAsync(Cancellation));

        // Entity Framework tells nobody of this failure.
        await using (var transaction = await shop.Database.BeginTransactionAsync(Cancellation))
        {
            await shop.Orders.Where(order => order.Id == 1).ExecuteDeleteAsync(Cancellation);
            await transaction.CommitAsync(Cancellation);
        }

        Assert.Empty(await OrdersAsync());
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task What_is_saved_again_because_it_was_not_accepted_is_published_again()
    {
        // So Entity Framework's documentation has it: accept the changes after the commit, so that they can be saved again before.
        await using var scope = Scope([new FailsOnce()], npgsql => npgsql.EnableRetryOnFailure());
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        await shop.Database.CreateExecutionStrategy().ExecuteInTransactionAsync(
            shop,
            (context, cancellationToken) => context.SaveChangesAsync(acceptAllChangesOnSuccess: false, cancellationToken),
            (_, _) => Task.FromResult(false),
            Cancellation);
        shop.ChangeTracker.AcceptAllChanges();

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());

        // Once is enough.
        shop.Orders.Add(new Order { Id = 18 });
        await shop.SaveChangesAsync(Cancellation);
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task What_is_saved_again_after_a_savepoint_is_published_again()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
        await transaction.CreateSavepointAsync("here", Cancellation);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        await shop.SaveChangesAsync(acceptAllChangesOnSuccess: false, Cancellation);
        await transaction.RollbackToSavepointAsync("here", Cancellation);
        await shop.SaveChangesAsync(Cancellation);
        await transaction.CommitAsync(Cancellation);

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task What_others_commit_is_published_once_whoever_accepts_it()
    {
        await using var scope = Services.CreateAsyncScope();
        var shop = ShopOf(scope);
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(Cancellation);
        shop.Database.SetDbConnection(connection);
        await using (var transaction = await connection.BeginTransactionAsync(Cancellation))
        {
            await shop.Database.UseTransactionAsync(transaction, Cancellation);
            shop.Orders.Add(new Order { Id = 17 });
            shop.AddWebhookEvent(new OrderPaid(17));
            await shop.SaveChangesAsync(acceptAllChangesOnSuccess: false, Cancellation);
            await transaction.CommitAsync(Cancellation);
            await shop.Database.UseTransactionAsync(null, Cancellation);
        }

        shop.ChangeTracker.AcceptAllChanges();
        await shop.SaveChangesAsync(Cancellation);
        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task Saving_within_saving_keeps_what_is_added_afterwards_with_its_entity()
    {
        var isNested = false;
        await using var scope = Scope([new OnSaving(async context =>
        {
            if (!isNested)
            {
                isNested = true;
                await context.SaveChangesAsync(Cancellation);
                context.Add(new Order { Id = 18 });
                context.AddWebhookEvent(new OrderPaid(18), new PublishOptions { IdempotencyKey = "taken" });
            }
        })]);
        await Services.GetRequiredService<IWebhookPublisher>().PublishAsync(
            new OrderPaid(1), new PublishOptions { IdempotencyKey = "taken" }, Cancellation);
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));

        await Assert.ThrowsAsync<WebhookIdempotencyConflictException>(() => shop.SaveChangesAsync(Cancellation));
        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":1}""", """{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task SaveChanges_without_async_saves_nothing_that_gets_events_meanwhile()
    {
        await using var scope = Scope([new OnSaving(context =>
        {
            context.AddWebhookEvent(new OrderPaid(17));
            return Task.CompletedTask;
        })]);
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });

#pragma warning disable CA1849, MA0042 // It is what is tested.
        var refusal = Assert.ThrowsAny<Exception>(() => shop.SaveChanges());
#pragma warning restore CA1849, MA0042
        Assert.IsType<NotSupportedException>(refusal.GetBaseException());
        Assert.Empty(await OrdersAsync());
        Assert.Empty(await EventsAsync());
    }

    private sealed class OnSaving(Func<DbContext, Task> run) : SaveChangesInterceptor
    {
        public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
        {
            Assert.True(run(eventData.Context!).IsCompletedSuccessfully);
            return result;
        }

        public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            await run(eventData.Context!);
            return result;
        }
    }
}
