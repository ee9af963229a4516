using Dapper;
using Npgsql;
using Webhooks.Embedded;

namespace Outbox;

/// <summary>With plain ADO.NET, here by Dapper: the transaction goes to whatever takes part in it, the publisher included.</summary>
internal sealed class WithDapper(NpgsqlDataSource database, IWebhookPublisher webhooks)
{
    public async Task PayAsync(Order order, bool commit)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await connection.ExecuteAsync("insert into orders (id, total) values (@Id, @Total)", order, transaction);
        var published = await webhooks.PublishAsync(new OrderPaid(order.Id, order.Total), transaction);

        if (commit)
        {
            await transaction.CommitAsync();

            // Not needed, but faster: otherwise the dispatcher finds it when it next looks.
            published.Notify();
        }
    }
}
