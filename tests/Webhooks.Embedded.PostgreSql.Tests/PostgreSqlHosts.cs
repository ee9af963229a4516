using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>Nodes over a schema of the test's own, on the system's clock, with no dispatcher but the test.</summary>
public abstract class PostgreSqlHosts : IAsyncLifetime
{
    private readonly List<ServiceProvider> _nodes = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected string Schema { get; } = $"test_{Guid.NewGuid():N}";

    protected string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync() => ConnectionString = await SharedPostgreSqlServer.DatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (ConnectionString.Length > 0)
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.ExecuteAsync($"drop schema if exists {Schema} cascade");
        }

        GC.SuppressFinalize(this);
    }

    protected ServiceProvider Node(string? connectionString = null) =>
        Node(builder => builder.UsePostgreSql(connectionString ?? ConnectionString, options => options.Schema = Schema));

    protected ServiceProvider Node(Func<IWebhooksBuilder, IWebhooksBuilder> use)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        use(services.AddWebhooks()).AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection();
        var node = services.BuildServiceProvider();
        _nodes.Add(node);
        return node;
    }

    protected static async Task<Webhook> RegisterAsync(ServiceProvider node, string name = "shop") =>
        (await node.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = name, Url = "https://example.com/", Triggers = ["*"] }, Cancellation)).Webhook;

    protected static Task<PublishedEvent> PublishAsync(ServiceProvider node) =>
        node.GetRequiredService<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);

    /// <summary>Lets the writer hand over deliveries as to a dispatcher that never begins with them.</summary>
    protected static void OpenHandover(ServiceProvider node) => node.GetRequiredService<DeliveryBuffer>().Open(() => { });

    private protected static Task<ClaimResult> ClaimAsync(ServiceProvider node, int max = 100)
    {
        var now = node.GetRequiredService<StoreClock>().Now;
        var request = new ClaimRequest(max, max, 0, new Dictionary<long, int>(), now, now + 60_000, Stopwatch.GetTimestamp());
        return node.GetRequiredService<SqlDialect>().ClaimAsync(request, Cancellation);
    }

    private protected static async Task RecordAsync(ServiceProvider node, IEnumerable<LeasedDelivery> deliveries, bool isDelivered)
    {
        var now = node.GetRequiredService<StoreClock>().Now;
        var writer = node.GetRequiredService<StoreWriter>();
        await Task.WhenAll(deliveries.Select(delivery =>
        {
            var attempt = new AttemptData
            {
                Number = delivery.Attempts + 1,
                UrlNumber = 1,
                StartedAt = now,
                Outcome = isDelivered ? WebhookAttemptOutcome.Delivered : WebhookAttemptOutcome.HttpError,
                StatusCode = isDelivered ? 200 : 500,
            };
            return writer.RecordAsync(
                isDelivered
                    ? DeliveryRecord.Finish(delivery, attempt, WebhookDeliveryStatus.Delivered, now)
                    : DeliveryRecord.Retry(delivery, attempt, now));
        }));
    }

    protected async Task<T> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        return (await connection.ExecuteScalarAsync<T>(sql))!;
    }
}
