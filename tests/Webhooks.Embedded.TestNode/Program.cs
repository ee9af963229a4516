using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Embedded.TestNode;

// One of several nodes on a PostgreSQL database. Settings as QuickStart has them; --Node:Name says in every request which node made it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.AddSimpleConsole(console =>
{
    console.SingleLine = true;
    console.TimestampFormat = "HH:mm:ss.fff ";
});
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
var name = builder.Configuration["Node:Name"] ?? "node";
var connectionString = builder.Configuration.GetConnectionString("Webhooks")!;
builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString));

// All nodes of all tests share their keys, and find them again after kill -9.
builder.Services.AddDataProtection()
    .PersistKeysToFileSystem(new DirectoryInfo(builder.Configuration["Node:Keys"] ?? Path.Combine(AppContext.BaseDirectory, "keys")))
    .SetApplicationName("Webhooks.Embedded.TestNode");
var webhooks = builder.Services.AddWebhooks(builder.Configuration.GetSection("Webhooks"))
    .UsePostgreSql(connectionString)
    .ConfigureHttpClient(client => client.AddHttpMessageHandler(() => new NamingHandler(name)))
    .AddTrigger("order.paid");
if (!builder.Configuration.GetValue("Node:Dispatcher", defaultValue: true))
{
    webhooks.WithoutDispatcher();
}

await using var app = builder.Build();
app.MapPost("/webhooks", NodeRoutes.RegisterAsync);
app.MapPost("/publish", NodeRoutes.PublishAsync);
app.MapPost("/orders", NodeRoutes.OrderAsync);
await app.StartAsync();
Console.WriteLine($"Node {name} listens on {app.Urls.First()} ");
await app.WaitForShutdownAsync();
