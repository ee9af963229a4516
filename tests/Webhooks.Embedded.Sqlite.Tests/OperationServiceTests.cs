using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>How a node comes to the operations of others.</summary>
public sealed class OperationServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(20);

    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private readonly List<IHostedService> _running = [];
    private CountedDialect? _dialect;
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _dialect = new CountedDialect(new SqliteDialect(SqliteFile.Parse(_store.ConnectionString), new WebhookTables("")));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddWebhooks().UseSqlite(_store.ConnectionString).WithoutSecretProtection();
        services.Replace(ServiceDescriptor.Singleton<SqlDialect>(_ => _dialect));
        _services = services.BuildServiceProvider();
        await Get<WebhookDatabase>().EnsureReadyAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_running))
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services!.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task What_a_dead_node_left_goes_on_by_the_first_claim_after_its_lease_has_ended()
    {
        var operation = await InsertAsync();
        Assert.Single(await Get<OperationSteps>().ClaimAsync(1, Cancellation));
        var left = (int)OperationSteps.Lease.TotalSeconds;
        _time.Advance(Second * 5);
        await StartAsync(_ => true);
        await UntilAsync(() => _dialect!.Claims >= 1);

        for (var second = 5; second < left; second++)
        {
            Assert.Equal(WebhookOperationStatus.Running, await StatusAsync(operation));
            await AdvanceToNextClaimAsync();
        }

        // The claim that came as the lease ended, or the next one.
        await AdvanceToNextClaimAsync();
        await UntilAsync(async () => await StatusAsync(operation) == WebhookOperationStatus.Completed);
    }

    [Fact]
    public async Task Where_no_claim_tells_of_it_an_operation_is_found_by_looking()
    {
        // A dispatcher that has no room for more does not claim; here there is none at all.
        await StartAsync(service => service is OperationService);
        var operation = await InsertAsync();

        await UntilAsync(async () =>
        {
            _time.Advance(Second);
            return await StatusAsync(operation) == WebhookOperationStatus.Completed;
        });
    }

    [Fact]
    public async Task A_look_that_failed_is_repeated_after_a_second_however_often_claims_tell_that_something_is_due()
    {
        await Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync("alter table webhook_operations rename to gone", transaction: transaction), Cancellation);
        var before = _dialect!.Others;
        await StartAsync(service => service is OperationService);
        await UntilAsync(() => _dialect.Others > before);

        for (var claim = 0; claim < 50; claim++)
        {
            Get<OperationSignal>().Expect(Get<StoreClock>().Now);
            await Task.Delay(2, Cancellation);
        }

        Assert.Equal(1, _dialect.Others - before);
        await UntilAsync(() =>
        {
            _time.Advance(Second);
            return _dialect.Others - before > 1;
        });
    }

    /// <summary>Starts an operation as on another node: nobody is told.</summary>
    private async Task<Guid> InsertAsync() => (await Get<OperationRepository>().InsertAsync(
        new NewOperation(WebhookOperationKind.Retry, new WebhookDeliveryQuery(), Rate: 1, BeforeId: 1, Matched: 0, MatchedIsAtLeast: false, CreatedBy: null, IdempotencyKey: null),
        Cancellation)).Id;

    private async Task<WebhookOperationStatus> StatusAsync(Guid id) => (await Get<IWebhookOperations>().FindAsync(id, Cancellation))!.Status;

    private async Task StartAsync(Func<IHostedService, bool> which)
    {
        _running.AddRange(_services!.GetServices<IHostedService>().Where(which));
        foreach (var service in _running)
        {
            await service.StartAsync(Cancellation);
        }
    }

    private async Task AdvanceToNextClaimAsync()
    {
        var claims = _dialect!.Claims;
        _time.Advance(Second);
        await UntilAsync(() => _dialect.Claims > claims);
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Enough);
        while (!await condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
