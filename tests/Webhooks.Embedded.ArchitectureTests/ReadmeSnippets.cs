using System.Data.Common;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Authentication;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>The code blocks of the READMEs, so that they compile; <see cref="ReadmeSnippetTests"/> compares. Those of the receiver are with its tests.</summary>
internal static class ReadmeSnippets
{
    internal sealed record OrderPaid(int Id, decimal Total);

    internal sealed record Order(int Id, decimal Total);

    internal sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();
    }

    internal interface IMail
    {
        Task SendAsync(string to, string text, CancellationToken cancellationToken);
    }

    internal sealed class TellOwners(IMail mail) : IWebhookObserver
    {
        public Task DisabledAsync(WebhookDisabled disabled, CancellationToken cancellationToken) =>
            mail.SendAsync(disabled.Tenant, $"Webhook {disabled.WebhookId} was disabled: {disabled.Reason}", cancellationToken);
    }

    public static void Root(WebApplicationBuilder builder) =>
        builder.Services.AddWebhooks(builder.Configuration.GetSection("Webhooks"))
            .UseSqlite("Data Source=app.db")
            .AddTrigger<OrderPaid>("order.paid", "An invoice was settled");

    public static void Keys(WebApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo("/var/lib/shop/keys")).SetApplicationName("shop");
    }

    public static async Task PublishAsync(IWebhookPublisher webhooks, int id, decimal total, CancellationToken cancellationToken) =>
        await webhooks.PublishAsync(new OrderPaid(id, total), cancellationToken);

    public static async Task InTransactionAsync(
        IWebhookPublisher webhooks, DbConnection connection, int id, decimal total, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("insert into orders (id, total) values (@id, @total)", new { id, total }, transaction);
        var published = await webhooks.PublishAsync(new OrderPaid(id, total), transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        published.Notify(); // at once, instead of within Webhooks:PollInterval
    }

    public static async Task SaveAsync(Shop shop, Order order, CancellationToken cancellationToken)
    {
        shop.Orders.Add(order);
        shop.AddWebhookEvent(new OrderPaid(order.Id, order.Total));
        await shop.SaveChangesAsync(cancellationToken);
    }

    public static void EntityFramework(WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddDbContext<Shop>((services, options) => options.UseNpgsql(connectionString).UseWebhooks(services));
    }

    public static void Core(WebApplicationBuilder builder) =>
        builder.Services.AddWebhooks(o => o.Timeout = TimeSpan.FromSeconds(15))
            .UseSqlite("Data Source=app.db")
            .AddTrigger<OrderPaid>("order.paid", "An invoice was settled");

    public static void SignatureProfile(IWebhooksBuilder webhooks)
    {
        webhooks.AddSignatureProfile("acme", input =>
        [
            new("X-Acme-Signature", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(input.Secret), input.Body.Span))),
        ]);
    }

    public static void Observer(IWebhooksBuilder webhooks)
    {
        webhooks.AddObserver<TellOwners>();
    }

    public static void Sqlite(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhooks().UseSqlite("Data Source=app.db");
    }

    public static void PostgreSql(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhooks().UsePostgreSql("Host=db;Database=app;Username=app");
    }

    public static void SqlServer(WebApplicationBuilder builder)
    {
        builder.Services.AddWebhooks().UseSqlServer(builder.Configuration.GetConnectionString("Webhooks")!);
    }

    public static void SqlServerConnections(IWebhooksBuilder webhooks, string connectionString, Func<string> getToken)
    {
        webhooks.UseSqlServer(() => new SqlConnection(connectionString) { AccessToken = getToken() }, o => o.Schema = "webhooks");
    }

    public static void AspNetCore(WebApplication app)
    {
        app.MapWebhookAdmin("/webhooks").RequireAuthorization("Admin");
        app.MapDocSpaceWebhooks("/api/2.0/settings").RequireAuthorization("Admin");
        app.MapBaanxWebhooks("/v1/webhooks").RequireAuthorization("Admin");
        app.MapBirdWebhooks().RequireAuthorization("Admin");
    }

    public static void Tenants(IWebhooksBuilder webhooks)
    {
        webhooks.UseTenants();                                           // by the caller's claims of the type "tenant"
        webhooks.UseTenants(http => http.User.FindFirstValue("org_id")); // or in the app's own way
    }

    public static void ApiKeys(WebApplicationBuilder builder, string key)
    {
        builder.Services.AddAuthentication(WebhookApiKeyDefaults.AuthenticationScheme).AddWebhookApiKey(o => o.Keys.Add(key));
    }
}
