using Dapper;
using Npgsql;
using Webhooks.Embedded;

namespace Outbox;

/// <summary>Pays four orders, and tells what others can see of each.</summary>
internal sealed class Observer(
    NpgsqlDataSource database,
    IWebhookRegistry registry,
    IWebhookEvents events,
    IWebhookDeliveries deliveries,
    WithDapper withDapper,
    WithEntityFramework withEntityFramework)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private long _webhookId;

    public async Task RunAsync(string sink)
    {
        await using (var connection = await database.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(Shop.CreateTable);
        }

        var webhook = (await registry.CreateAsync(new() { Name = "Outbox", Url = sink, Triggers = ["order.paid"] })).Webhook;
        _webhookId = webhook.Id;
        Console.WriteLine($"Registered webhook {webhook.Id}: it gets order.paid at {webhook.Url}");

        await PayAsync("1. Dapper, rolled back", order => withDapper.PayAsync(order, commit: false));
        await PayAsync("2. Dapper, committed", order => withDapper.PayAsync(order, commit: true));
        await PayAsync("3. Entity Framework, rolled back", order => withEntityFramework.PayAsync(order, commit: false));
        await PayAsync("4. Entity Framework, committed", order => withEntityFramework.PayAsync(order, commit: true));

        await registry.DeleteAsync(webhook.Id);
    }

    private async Task PayAsync(string what, Func<Order, Task> pay)
    {
        var order = new Order { Total = 42 };
        var before = await NewestAsync();
        await pay(order);

        await using var connection = await database.OpenConnectionAsync();
        var isThere = await connection.ExecuteScalarAsync<bool>("select exists (select from orders where id = @Id)", order);
        Console.WriteLine($"{what}: the order {(isThere ? "exists" : "does not exist")}, {await DescribeAsync(before)}");
    }

    private async Task<Guid?> NewestAsync()
    {
        var page = await events.ListAsync(new() { Limit = 1 });
        return page.Items.Count == 0 ? null : page.Items[0].Id;
    }

    private async Task<string> DescribeAsync(Guid? before)
    {
        if (await NewestAsync() is not { } published || published == before)
        {
            return "the event does not exist";
        }

        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            var page = await deliveries.ListAsync(new() { EventId = published, WebhookId = _webhookId });
            if (page.Items.SingleOrDefault(delivery => delivery.FinishedAt is not null) is { } delivery)
            {
                return $"the event exists, and its delivery is {delivery.Status} with status {delivery.LastAttempt?.StatusCode}";
            }

            await Task.Delay(LookEvery);
        }

        return $"the event exists, and was not delivered within {Patience.TotalSeconds} s";
    }
}
