using System.Data.Common;
using Dapper;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>What others have locked is passed over. A server that ignores locking hints makes these claims wait, and the tests fail there.</summary>
public sealed class SqlServerLockTests : StoreTest<SqlServerStore>
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_claim_passes_over_what_another_node_has_locked()
    {
        await RegisterAsync();
        var locked = await PublishAsync();
        var free = await PublishAsync();
        await using var other = await Get<SqlDialect>().BeginWriteAsync(Cancellation);
        await TouchAsync(other, "q.id in (select min(id) from {0})");

        var claim = await ClaimAsync().WaitAsync(Enough, Cancellation);

        Assert.Equal([free.Id], claim.Deliveries.Select(delivery => delivery.EventUid));
        await other.DisposeAsync();
        Assert.Equal([locked.Id], (await ClaimAsync()).Deliveries.Select(delivery => delivery.EventUid));
    }

    [Fact]
    public async Task A_claim_waits_for_nobody_where_all_is_locked()
    {
        await RegisterAsync();
        await PublishAsync();
        await using var other = await Get<SqlDialect>().BeginWriteAsync(Cancellation);
        await TouchAsync(other, "1 = 1");

        Assert.Empty((await ClaimAsync().WaitAsync(Enough, Cancellation)).Deliveries);
    }

    [Fact]
    public async Task An_apps_open_transaction_that_has_published_stops_no_claim_and_no_publisher()
    {
        var webhook = await RegisterAsync();
        await using var app = await Get<SqlDialect>().BeginWriteAsync(Cancellation);
        await InsertAsync(webhook, app.Transaction);

        var published = await PublishAsync().WaitAsync(Enough, Cancellation);
        var claim = await ClaimAsync().WaitAsync(Enough, Cancellation);

        Assert.Equal([published.Id], claim.Deliveries.Select(delivery => delivery.EventUid));
    }

    private async Task TouchAsync(WriteScope scope, string condition)
    {
        var queue = Get<SqlDialect>().Tables.Queue;
        await scope.Connection.ExecuteAsync(
            $"update q set created_at = q.created_at from {queue} q where {string.Format(null, condition, queue)}", transaction: scope.Transaction);
    }

    private async Task InsertAsync(Webhook webhook, DbTransaction transaction) => await Get<SqlDialect>().InsertAsync(
        new NewEvent
        {
            Uid = Guid.CreateVersion7(),
            Trigger = "order.created",
            Tenant = "",
            Target = null,
            IdempotencyKey = "app",
            Payload = "{}"u8.ToArray(),
            Deliveries = [new NewDelivery(webhook.Id)],
            CatalogueVersion = (await Get<WebhookRepository>().LoadAsync(Cancellation)).Version,
        },
        Get<StoreClock>().Now,
        transaction,
        Cancellation);

    private Task<ClaimResult> ClaimAsync()
    {
        var now = Get<StoreClock>().Now;
        return Get<SqlDialect>().ClaimAsync(new ClaimRequest(100, 100, 0, new HashSet<long>(), now, now + 60_000, 0), Cancellation);
    }
}
