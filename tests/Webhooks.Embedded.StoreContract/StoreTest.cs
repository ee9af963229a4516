using System.Text;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.StoreContract;

/// <summary>What every contract needs: the library over one engine's empty store, a clock that stands still, and no dispatcher but the test.</summary>
public abstract class StoreTest<TStore> : IAsyncLifetime
    where TStore : ITestStore, new()
{
    protected TStore Store { get; } = new();
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private ServiceProvider? _services;

    protected ManualTime Time { get; } = new();

    /// <summary>What protects secrets, and can lose its keys.</summary>
    protected LosableKeys Keys { get; } = new();

    protected IWebhookPublisher Publisher => Get<IWebhookPublisher>();

    protected IWebhookRegistry Registry => Get<IWebhookRegistry>();

    protected IWebhookDeliveries Deliveries => Get<IWebhookDeliveries>();

    protected IWebhookEvents Events => Get<IWebhookEvents>();

    private protected SqlDialect Dialect => Get<SqlDialect>();

    private protected StoreWriter Writer => Get<StoreWriter>();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected long Now => Get<StoreClock>().Now;

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<ISecretProtector>(Keys);
        var builder = services.AddWebhooks(options => options.LeaseDuration = Lease).WithoutDispatcher();
        builder.AddTrigger("order.created").AddTrigger("order.paid").AddTrigger<UserCreated>("user.created");
        await Store.UseAsync(builder);
        _services = services.BuildServiceProvider();
        await Get<WebhookDatabase>().EnsureReadyAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        await Store.DropAsync();
        GC.SuppressFinalize(this);
    }

    protected T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();

    /// <summary>Lets the writer hand over deliveries as to a dispatcher that never begins with them.</summary>
    private protected void OpenHandover() => Get<DeliveryBuffer>().Open(() => { });

    /// <summary>Says that the dispatcher is gone, as after a crash: nothing that it had is given back.</summary>
    private protected void CloseHandover() => Get<DeliveryBuffer>().Close();

    protected async Task<Webhook> RegisterAsync(string name = "shop", string trigger = "*", string tenant = "", string? target = null) =>
        (await Registry.CreateAsync(
            new WebhookSettings { Name = name, Url = $"https://example.com/{name}", Triggers = [trigger], Tenant = tenant, Target = target },
            Cancellation)).Webhook;

    protected Task<PublishedEvent> PublishAsync(string trigger = "order.created", PublishOptions? options = null, string payload = "{}") =>
        Publisher.PublishJsonAsync(trigger, Encoding.UTF8.GetBytes(payload), options, Cancellation);

    private protected Task<ClaimResult> ClaimAsync(
        int max = 100, int maxPerWebhook = 100, long afterWebhookId = 0, params long[] excluded) =>
        Dialect.ClaimAsync(
            new ClaimRequest(max, maxPerWebhook, afterWebhookId, excluded.ToDictionary(id => id, _ => 0), Now, Now + (long)Lease.TotalMilliseconds, Time.GetTimestamp()),
            Cancellation);

    private protected async Task<LeasedDelivery> ClaimOneAsync() => Assert.Single((await ClaimAsync()).Deliveries);

    /// <summary>As the attempts write them: the usual names short, the others in full.</summary>
    private static string ReceiverHeaders { get; } = WriteHeaders(("Server", "test"), ("X-Powered-By", "(=)"), ("X-Odd", "{}"));

    private protected AttemptData Attempt(
        LeasedDelivery delivery, int? statusCode, WebhookAttemptOutcome outcome = WebhookAttemptOutcome.HttpError, int urlNumber = 1) => new()
        {
            Number = delivery.Attempts + 1,
            StartedAt = Now,
            DurationMs = 12,
            Outcome = statusCode is >= 200 and <= 299 ? WebhookAttemptOutcome.Delivered : outcome,
            StatusCode = statusCode,
            Error = statusCode is >= 200 and <= 299 ? null : "It failed.",
            UrlNumber = urlNumber,
            Signature = "v1,signature",
            ResponseHeaders = ReceiverHeaders,
            ResponseBody = "answer"u8.ToArray(),
        };

    /// <summary>
    /// Does something several times at once. Whom the engine chooses as the victim of a deadlock tries again after a pause by the clock of the test, so
    /// that one goes on where they do not all end without it.
    /// </summary>
    protected async Task<T[]> AtOnceAsync<T>(int count, Func<int, Task<T>> act)
    {
        var all = Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i), Cancellation)));
        var step = TimeSpan.FromMilliseconds(100);
        while (await Task.WhenAny(all, Task.Delay(step, Cancellation)) != all)
        {
            Time.Advance(step);
        }

        return await all;
    }

    protected Task<int> CountAsync(string table) =>
        Get<WebhookDatabase>().ReadAsync(connection => connection.ExecuteScalarAsync<int>($"select count(*) from {table}"), Cancellation);

    private static string WriteHeaders(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        Assert.All(headers, header => Assert.True(response.Headers.TryAddWithoutValidation(header.Name, header.Value)));
        return HeaderLines.Write(response.Headers.NonValidated);
    }

    private protected async Task<bool> RecordAsync(DeliveryRecord record)
    {
        await Writer.RecordAsync(record);
        return record.LeaseHeld;
    }

    /// <summary>Claims the one due delivery and records that the receiver answered 2xx.</summary>
    protected async Task<long> DeliverAsync(int statusCode = 200)
    {
        var delivery = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Finish(delivery, Attempt(delivery, statusCode), WebhookDeliveryStatus.Delivered, Now)));
        return delivery.Id;
    }

    /// <summary>Claims the one due delivery and records a failure that is retried in a minute.</summary>
    protected async Task<long> FailAsync(int? statusCode = 500, WebhookAttemptOutcome outcome = WebhookAttemptOutcome.HttpError)
    {
        var delivery = await ClaimOneAsync();
        Assert.True(await RecordAsync(DeliveryRecord.Retry(delivery, Attempt(delivery, statusCode, outcome), Now + 60_000)));
        return delivery.Id;
    }

    /// <summary>Claims the one due delivery and records a failure after which nothing is planned.</summary>
    protected async Task<long> ExhaustAsync(int? statusCode = 500)
    {
        var delivery = await ClaimOneAsync();
        Assert.True(await RecordAsync(
            DeliveryRecord.Finish(delivery, Attempt(delivery, statusCode), WebhookDeliveryStatus.Exhausted, Now)));
        return delivery.Id;
    }

    protected async Task<WebhookDelivery> ReadAsync(long id)
    {
        var delivery = await Deliveries.FindAsync(id, Cancellation);
        Assert.NotNull(delivery);
        return delivery;
    }
}
