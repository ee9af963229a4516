// An order and its event in one transaction of the app: committed, both exist and the event is delivered; rolled back, neither does.
// Needs a PostgreSQL database, in which it makes a table "orders" beside those of webhooks:
//
//   createdb shop
//   dotnet run --project samples/Outbox -- --ConnectionStrings:Shop "Host=localhost;Username=postgres;Database=shop"

using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Outbox;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseUrls("http://127.0.0.1:0");
if (builder.Configuration.GetConnectionString("Shop") is not { Length: > 0 } connectionString)
{
    await Console.Error.WriteLineAsync("Name a PostgreSQL database: --ConnectionStrings:Shop \"Host=localhost;Username=postgres;Database=shop\"");
    return 1;
}

// The secrets of webhooks are stored encrypted with these keys, which must be there at the next start as well.
builder.Services.AddDataProtection()
    .PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "keys")))
    .SetApplicationName("Outbox");

builder.Services.AddWebhooks(builder.Configuration.GetSection("Webhooks"))
    .UsePostgreSql(connectionString)
    .AddTrigger<OrderPaid>("order.paid", "An order was paid");

// The app's own ways to the same database.
builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString));
builder.Services.AddDbContext<Shop>((services, options) => options.UseNpgsql(connectionString).UseWebhooks(services));
builder.Services.AddTransient<WithDapper>();
builder.Services.AddTransient<WithEntityFramework>();
builder.Services.AddTransient<Observer>();

await using var app = builder.Build();

// The receiver. Anybody else's would do as well.
app.MapPost("/sink", () => "Thank you");

await app.StartAsync();
await using (var scope = app.Services.CreateAsyncScope())
{
    await scope.ServiceProvider.GetRequiredService<Observer>().RunAsync($"{app.Urls.First()}/sink");
}

await app.StopAsync();
return 0;
