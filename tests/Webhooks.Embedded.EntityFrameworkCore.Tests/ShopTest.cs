using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

[assembly: AssemblyFixture(typeof(Webhooks.Embedded.SharedPostgreSqlServer))]

namespace Webhooks.Embedded.EntityFrameworkCore.Tests;

/// <summary>A shop with webhooks, in a schema of the test's own. Nothing is delivered, so that what is published stays where it can be seen.</summary>
public abstract class ShopTest : IAsyncLifetime
{
    private readonly string _schema = $"test_{Guid.NewGuid():N}";
    private readonly List<ServiceProvider> _providers = [];
    private string _server = "";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The app's services, as most apps have them.</summary>
    protected IServiceProvider Services { get; private set; } = null!;

    protected string ConnectionString => $"{_server};Search Path={_schema}";

    public async ValueTask InitializeAsync()
    {
        _server = await SharedPostgreSqlServer.DatabaseAsync();
        Services = Build(services => services.AddDbContext<Shop>((provider, options) => options.UseNpgsql(ConnectionString).UseWebhooks(provider)));
        await Services.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        await ExecuteAsync($"create table {_schema}.orders (id int not null primary key, total numeric not null)");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }

        if (_server.Length > 0)
        {
            await ExecuteAsync($"drop schema if exists {_schema} cascade");
        }

        GC.SuppressFinalize(this);
    }

    protected IServiceProvider Build(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddWebhooks().UsePostgreSql(ConnectionString, options => options.Schema = _schema)
            .AddTrigger<OrderPaid>("order.paid")
            .AddTrigger("order.sent")
            .WithoutDispatcher().WithoutSecretProtection();
        configure(services);
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        return provider;
    }

    /// <summary>A shop with further interceptors, and perhaps a strategy that repeats what failed.</summary>
    protected AsyncServiceScope Scope(IInterceptor[] interceptors, Action<NpgsqlDbContextOptionsBuilder>? configure = null) =>
        Build(services => services.AddDbContext<Shop>((provider, options) =>
            options.UseNpgsql(ConnectionString, configure).UseWebhooks(provider).AddInterceptors(interceptors))).CreateAsyncScope();

    protected static Shop ShopOf(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<Shop>();

    /// <summary>The ids of the orders that others see.</summary>
    protected async Task<IReadOnlyList<int>> OrdersAsync()
    {
        await using var scope = Services.CreateAsyncScope();
        return await ShopOf(scope).Orders.OrderBy(order => order.Id).Select(order => order.Id).ToListAsync(Cancellation);
    }

    /// <summary>The payloads of the events that others see, in the order in which they were published.</summary>
    protected async Task<IReadOnlyList<string>> EventsAsync()
    {
        var events = Services.GetRequiredService<IWebhookEvents>();
        var page = await events.ListAsync(new WebhookEventQuery(), Cancellation);
        var payloads = new List<string>();
        foreach (var listed in page.Items.Reverse())
        {
            payloads.Add(System.Text.Encoding.UTF8.GetString((await events.FindAsync(listed.Id, Cancellation))!.Payload!.Value.Span));
        }

        return payloads;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_server);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
