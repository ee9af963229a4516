using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

public sealed class OperationFailureTests : StoreTest<SqliteStore>
{
    [Fact]
    public async Task An_operation_that_cannot_go_on_says_so_and_not_what_the_store_said_of_itself()
    {
        await RegisterAsync();
        await PublishAsync();
        var operations = Get<IWebhookOperations>();
        var started = await operations.StartAsync(WebhookOperationKind.Cancel, new() { Trigger = "order.created" }, cancellationToken: Cancellation);
        await Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync("alter table webhook_deliveries rename to gone", transaction: transaction), Cancellation);
        var runner = new OperationRunner(Get<OperationSteps>(), Get<StoreClock>(), Get<DispatchSignal>(), NullLogger<OperationRunner>.Instance);

        for (var step = 0; step < 3; step++)
        {
            await runner.RunOnceAsync(Cancellation);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        var failed = await operations.FindAsync(started.Id, Cancellation);
        Assert.Equal(
            (WebhookOperationStatus.Failed, "The app itself failed (WebhookStoreException); its log says more."), (failed!.Status, failed.Error));
    }
}
