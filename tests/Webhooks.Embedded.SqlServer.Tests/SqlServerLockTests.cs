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
    public async Task A_claim_does_not_wait_for_the_step_of_an_operation()
    {
        var query = new WebhookDeliveryQuery { Trigger = "order.created" };
        await Get<IWebhookOperations>().StartAsync(WebhookOperationKind.Retry, query, cancellationToken: Cancellation);
        await using var step = await Get<SqlDialect>().BeginWriteAsync(Cancellation);
        await step.Connection.ExecuteAsync($"update {Get<SqlDialect>().Tables.Operations} set done = 1", transaction: step.Transaction);

        Assert.Empty((await ClaimAsync().WaitAsync(Enough, Cancellation)).Deliveries);
    }

    private async Task TouchAsync(WriteScope scope, string condition)
    {
        var queue = Get<SqlDialect>().Tables.Queue;
        await scope.Connection.ExecuteAsync(
            $"update q set created_at = q.created_at from {queue} q where {string.Format(null, condition, queue)}", transaction: scope.Transaction);
    }

    private Task<ClaimResult> ClaimAsync()
    {
        var now = Get<StoreClock>().Now;
        return Get<SqlDialect>().ClaimAsync(new ClaimRequest(100, 100, 0, new Dictionary<long, int>(), now, now + 60_000, 0), Cancellation);
    }
}
