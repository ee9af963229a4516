using Microsoft.EntityFrameworkCore;

namespace Outbox;

/// <summary>With Entity Framework Core: events are added as entities are, and saved with them.</summary>
internal sealed class WithEntityFramework(Shop shop)
{
    public async Task PayAsync(Order order, bool commit)
    {
        shop.Orders.Add(order);
        shop.AddWebhookEvent(new OrderPaid(order.Id, order.Total));

        if (commit)
        {
            await shop.SaveChangesAsync();
            return;
        }

        // To show that a rollback takes the event with it, the transaction must be one that can be rolled back from here.
        await using var transaction = await shop.Database.BeginTransactionAsync();
        await shop.SaveChangesAsync();
        await transaction.RollbackAsync();
        shop.ChangeTracker.Clear();
    }
}
