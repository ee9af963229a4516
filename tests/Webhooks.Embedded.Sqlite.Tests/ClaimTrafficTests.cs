using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>What the dispatcher asks of the store: little when there is nothing to do, and little in vain when receivers hang.</summary>
public sealed class ClaimTrafficTests : IAsyncLifetime
{
    private readonly SqliteStore _store = new();
    private readonly ManualTime _time = new();
    private CountedDialect? _dialect;
    private ServiceProvider? _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        await _store.DropAsync();
    }

    [Fact]
    public async Task An_idle_node_asks_the_store_once_in_a_second_and_for_nothing_else()
    {
        Build(withDispatcher: true);
        var running = _services!.GetServices<IHostedService>().ToArray();
        foreach (var service in running)
        {
            await service.StartAsync(Cancellation);
        }

        await UntilAsync(() => _dialect!.Claims >= 1);
        var (claims, others) = (_dialect!.Claims, _dialect.Others);
        for (var second = 1; second <= 50; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => _dialect.Claims >= claims + second);
        }

        Assert.Equal(50, _dialect.Claims - claims);

        // What the start had left to look for once: operations, and deliveries that wait for a readable secret.
        Assert.InRange(_dialect.Others - others, 0, 2);
        foreach (var service in running.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task An_operation_begins_at_once_on_the_node_where_it_was_started_before_any_claim_tells_of_it()
    {
        Build(withDispatcher: true);
        var running = _services!.GetServices<IHostedService>().ToArray();
        foreach (var service in running)
        {
            await service.StartAsync(Cancellation);
        }

        var operations = Get<IWebhookOperations>();
        for (var i = 0; i < 2; i++)
        {
            // The clock stands still: no poll comes.
            var started = await operations.StartAsync(WebhookOperationKind.Retry, new WebhookDeliveryQuery { WebhookId = 1 }, cancellationToken: Cancellation);
            while ((await operations.FindAsync(started.Id, Cancellation))!.Status != WebhookOperationStatus.Completed)
            {
                await Task.Delay(5, Cancellation);
            }
        }

        foreach (var service in running.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task With_two_hundred_receivers_that_hang_from_the_start_the_others_are_served_and_no_delivery_is_claimed_in_vain_again_and_again()
    {
        const int Hanging = 200;
        const int Healthy = 20;
        const int Each = 10;
        Build(withDispatcher: false);
        await Get<WebhookDatabase>().EnsureReadyAsync(Cancellation);
        for (var i = 0; i < Hanging + Healthy; i++)
        {
            await Get<IWebhookRegistry>().CreateAsync(
                new WebhookSettings { Name = $"{i}", Url = $"https://example.com/{i}", Triggers = ["*"] }, Cancellation);
        }

        for (var i = 0; i < Each; i++)
        {
            await Get<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        }

        var buffer = Get<DeliveryBuffer>();
        buffer.Open(() => { });
        using var dispatcher = ActivatorUtilities.CreateInstance<WebhookDispatcher>(_services!);
        var (underWay, healthy, hung, lastHealthyAt) = (new List<(BegunAttempt Begun, int EndsAt)>(), 0, 0, 0);
        for (var second = 0; second < 180; second++)
        {
            foreach (var (begun, _) in underWay.Where(attempt => attempt.EndsAt <= second).ToArray())
            {
                begun.Delivery.AnsweredQuickly = false;
                await RecordAsync(begun, WebhookAttemptOutcome.TimeoutHeaders);
                buffer.Done(begun);
                hung++;
            }

            underWay.RemoveAll(attempt => attempt.EndsAt <= second);

            // As often as the dispatcher is woken; it would be by each place that becomes free.
            for (var claim = 0; claim < 20; claim++)
            {
                await dispatcher.ClaimOnceAsync(Cancellation);
                while (buffer.TryTake(out var begun))
                {
                    if (begun.Delivery.WebhookId <= Hanging)
                    {
                        underWay.Add((begun, second + 15));
                        continue;
                    }

                    begun.Delivery.AnsweredQuickly = true;
                    await RecordAsync(begun, WebhookAttemptOutcome.Delivered);
                    buffer.Done(begun);
                    healthy++;
                    lastHealthyAt = second;
                }
            }

            Assert.InRange(underWay.Count, 0, 64);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{hung} attempts timed out, {_dialect!.Released} deliveries were given back, one {_dialect.MostReleases} times; the last healthy one went out after {lastHealthyAt} s.");
        Assert.Equal(Healthy * Each, healthy);
        Assert.True(hung > 200, $"Only {hung} attempts were made where receivers hang.");

        // The second one of the two that were claimed before anything was known of a webhook may have waited in vain, once.
        Assert.InRange(_dialect!.Released, 0, Hanging);
        Assert.InRange(_dialect.MostReleases, 0, 1);
    }

    private async Task RecordAsync(BegunAttempt begun, WebhookAttemptOutcome outcome)
    {
        var now = Get<StoreClock>().Now;
        var attempt = new AttemptData { Number = begun.Delivery.Attempts + 1, UrlNumber = 1, StartedAt = now, Outcome = outcome };
        await Get<StoreWriter>().RecordAsync(outcome == WebhookAttemptOutcome.Delivered
            ? DeliveryRecord.Finish(begun.Delivery, attempt, WebhookDeliveryStatus.Delivered, now)
            : DeliveryRecord.Retry(begun.Delivery, attempt, now + 3_600_000));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, Cancellation);
        }
    }

    private void Build(bool withDispatcher)
    {
        _dialect = new CountedDialect(new SqliteDialect(SqliteFile.Parse(_store.ConnectionString), new WebhookTables("")));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        var builder = services.AddWebhooks().UseSqlite(_store.ConnectionString).AddTrigger("order.created").WithoutSecretProtection();
        if (!withDispatcher)
        {
            builder.WithoutDispatcher();
        }

        services.Replace(ServiceDescriptor.Singleton<SqlDialect>(_ => _dialect));
        _services = services.BuildServiceProvider();
    }

    private T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
