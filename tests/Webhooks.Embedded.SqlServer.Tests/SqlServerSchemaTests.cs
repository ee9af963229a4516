using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>Where the tables are, and who makes them.</summary>
public sealed class SqlServerSchemaTests : IAsyncDisposable
{
    private readonly string _schema = Server.NewSchema();
    private readonly List<ServiceProvider> _nodes = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_nodes.Count > 0)
        {
            await Server.DropSchemaAsync(_schema);
        }
    }

    [Fact]
    public async Task Connections_may_come_from_the_app()
    {
        _ = Server.ConnectionString;
        var made = 0;
        var node = Node(builder => builder.UseSqlServer(
            () =>
            {
                Interlocked.Increment(ref made);
                return Server.Connect();
            },
            options => options.Schema = _schema));

        await PublishAsync(node);

        Assert.True(made > 0);
        Assert.Single((await node.GetRequiredService<IWebhookEvents>().ListAsync(new WebhookEventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task Two_apps_share_dbo_by_their_prefixes()
    {
        var prefix = $"t{Guid.NewGuid():N}"[..20] + "_";
        var node = Node(builder => builder.UseSqlServer(Server.ConnectionString, options => options.TablePrefix = prefix));
        try
        {
            await PublishAsync(node);

            await using var connection = Server.Connect();
            Assert.Equal(1, await connection.ExecuteScalarAsync<int>($"select count(*) from dbo.{prefix}webhook_events"));
        }
        finally
        {
            await Server.DropAsync("dbo", prefix);
        }
    }

    [Fact]
    public async Task The_stores_clock_is_the_servers()
    {
        var node = Node(builder => builder.UseSqlServer(Server.ConnectionString, options => options.Schema = _schema));

        var reading = await node.GetRequiredService<SqlDialect>().ReadClockAsync(Cancellation);

        await using var connection = Server.Connect();
        var server = new DateTimeOffset(await connection.ExecuteScalarAsync<DateTime>("select sysutcdatetime()"), TimeSpan.Zero);
        Assert.InRange(server.ToUnixTimeMilliseconds() - reading!.StoreTime, 0, 5000);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        var node = Node(builder => builder.UseSqlServer("Server=127.0.0.1,1;Database=app;User Id=u;Password=secret;Connect Timeout=1"));

        var failure = await Assert.ThrowsAsync<WebhookStoreException>(() => PublishAsync(node));

        _nodes.Clear();
        Assert.True(failure.IsTransient);
        Assert.Contains("app on 127.0.0.1,1", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    private static Task<PublishedEvent> PublishAsync(ServiceProvider node) =>
        node.GetRequiredService<IWebhookPublisher>().PublishJsonAsync("order.created", "{}"u8.ToArray(), null, Cancellation);

    private ServiceProvider Node(Action<IWebhooksBuilder> use)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = services.AddWebhooks().WithoutDispatcher().WithoutSecretProtection().AddTrigger("order.created");
        use(builder);
        var node = services.BuildServiceProvider();
        _nodes.Add(node);
        return node;
    }
}
