using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>Contexts as apps configure them: pooled, repeating what failed, with interceptors of their own, or on the wrong database.</summary>
public sealed class ContextTests : ShopTest
{
    [Fact]
    public async Task What_an_execution_strategy_repeats_is_published_once()
    {
        await using var scope = Scope([new FailsOnce()], npgsql => npgsql.EnableRetryOnFailure());
        var shop = ShopOf(scope);
        shop.Orders.Add(new Order { Id = 17 });
        shop.AddWebhookEvent(new OrderPaid(17));
        await shop.SaveChangesAsync(Cancellation);

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task Events_alone_are_repeated_as_well()
    {
        await using var scope = Scope([new FailsOnce()], npgsql => npgsql.EnableRetryOnFailure());
        ShopOf(scope).AddWebhookEvent(new OrderPaid(17));
        await ShopOf(scope).SaveChangesAsync(Cancellation);

        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task A_transaction_that_the_app_has_repeated_is_published_once()
    {
        await using var scope = Scope([new FailsOnce()], npgsql => npgsql.EnableRetryOnFailure());
        var shop = ShopOf(scope);
        await shop.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            shop.ChangeTracker.Clear();
            shop.ClearWebhookEvents();
            await using var transaction = await shop.Database.BeginTransactionAsync(Cancellation);
            shop.Orders.Add(new Order { Id = 17 });
            shop.AddWebhookEvent(new OrderPaid(17));
            await shop.SaveChangesAsync(Cancellation);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal([17], await OrdersAsync());
        Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task An_interceptor_of_the_app_may_add_events_while_it_saves()
    {
        await using var scope = Scope([new PublishesOrders()]);
        ShopOf(scope).Orders.Add(new Order { Id = 17 });
        await ShopOf(scope).SaveChangesAsync(Cancellation);

        Assert.Equal([17], await OrdersAsync());
        Assert.Equal(["""{"id":17}"""], await EventsAsync());
    }

    [Fact]
    public async Task A_pool_gives_nobody_the_events_of_another()
    {
        var services = Build(services => services.AddDbContextPool<Shop>(
            (provider, options) => options.UseNpgsql(ConnectionString).UseWebhooks(provider), poolSize: 1));
        Shop first;
        await using (var scope = services.CreateAsyncScope())
        {
            first = ShopOf(scope);
            first.AddWebhookEvent(new OrderPaid(17));
        }

        await using (var scope = services.CreateAsyncScope())
        {
            Assert.Same(first, ShopOf(scope));
            ShopOf(scope).Orders.Add(new Order { Id = 18 });
            await ShopOf(scope).SaveChangesAsync(Cancellation);
        }

        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task A_context_without_UseWebhooks_takes_no_events()
    {
        var services = Build(services => services.AddDbContext<Shop>(options => options.UseNpgsql(ConnectionString)));
        await using var scope = services.CreateAsyncScope();

        var missing = Assert.Throws<InvalidOperationException>(() => ShopOf(scope).AddWebhookEvent(new OrderPaid(17)));
        Assert.Contains("UseWebhooks", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseWebhooks_without_AddWebhooks_names_what_is_missing()
    {
        await using var services = new ServiceCollection()
            .AddDbContext<Shop>((provider, options) => options.UseNpgsql(ConnectionString).UseWebhooks(provider))
            .BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();

        var missing = Assert.Throws<InvalidOperationException>(() => ShopOf(scope));
        Assert.Contains("AddWebhooks", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_on_another_database_is_refused()
    {
        var other = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres" }.ConnectionString;
        var services = Build(services => services.AddDbContext<Shop>((provider, options) => options.UseNpgsql(other).UseWebhooks(provider)));
        await using var scope = services.CreateAsyncScope();
        ShopOf(scope).AddWebhookEvent(new OrderPaid(17));

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => ShopOf(scope).SaveChangesAsync(Cancellation));
        Assert.Contains("'postgres'", refusal.Message, StringComparison.Ordinal);
    }

    private sealed class PublishesOrders : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            foreach (var entry in eventData.Context!.ChangeTracker.Entries<Order>().Where(entry => entry.State == EntityState.Added))
            {
                eventData.Context.AddWebhookEvent(new OrderPaid(entry.Entity.Id));
            }

            return ValueTask.FromResult(result);
        }
    }
}
