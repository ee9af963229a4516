using Microsoft.AspNetCore.DataProtection;
using QuickStart;
using Webhooks.Embedded;
using Webhooks.Embedded.AspNetCore.Authentication;

// The content root is where the program is, so that it finds its settings whatever the current directory.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
QuickStartSettings settings;
IWebhooksBuilder webhooks;
try
{
    settings = QuickStartSettings.Read(builder.Configuration);
    webhooks = builder.Services.AddWebhooks(builder.Configuration.GetSection("Webhooks")).UseStore(settings);
}
catch (SettingException exception)
{
    // Whoever started it wants to know what to write, not where it was read.
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

// The secrets of webhooks are stored encrypted. Without these two lines the keys are wherever ASP.NET Core finds a place for them: in a container they go with it,
// and no other node has them. Every node of a store needs the same directory (or database, or vault) and the same name.
builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(settings.Keys)).SetApplicationName("QuickStart");

if (builder.Configuration["urls"] is null)
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

webhooks
    .AddTrigger<OrderCreated>("order.created", "An order came in", number: 40)
    .AddTrigger<OrderPaid>("order.paid", "An order was paid", number: 41)
    .AddTrigger<UserCreated>("user.created", "A person got an account", number: 0)
    .AddTrigger<FileUploaded>("file.uploaded", "A file was uploaded", number: 8)
    .AddTrigger<RoomDeleted>("room.deleted", "A room was deleted", number: 25);
if (!settings.Dispatches)
{
    webhooks.WithoutDispatcher();
}

builder.Services.AddAuthentication(WebhookApiKeyDefaults.AuthenticationScheme).AddWebhookApiKey(o => o.Keys.Add(settings.ApiKey));
builder.Services.AddAuthorization();
builder.Services.AddProblems();
builder.Services.AddSingleton<Sinks>();

await using var app = builder.Build();
app.UseExceptionHandler();

app.MapPost("/orders", async (NewOrder? order, IWebhookPublisher webhooks, CancellationToken cancellationToken) =>
{
    var created = new OrderCreated(Guid.CreateVersion7(), order?.Customer ?? "Ada", order?.Total ?? 42);
    var published = await webhooks.PublishAsync(created, cancellationToken);
    return Results.Accepted(value: new { published.Id, published.Deliveries, Order = created });
});

app.MapPublish("/publish/{trigger}");
app.MapSink("/sink/{name}");
app.MapWebhookAdmin("/webhooks").RequireAuthorization();
app.MapDocSpaceWebhooks("/api/2.0/settings").RequireAuthorization();

// Both want https from receivers; the sinks here have none. Without a dispatcher, this node is one that another delivers for.
app.MapBaanxWebhooks("/v1/webhooks", o => (o.AllowHttp, o.DeliveredElsewhere) = (true, true)).RequireAuthorization();
app.MapBirdWebhooks(configure: o => o.AllowAnyUrl = true).RequireAuthorization();

try
{
    await app.StartAsync();
}
catch (WebhookStoreException exception)
{
    // Its stack is in the log above.
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

await FirstSteps.ShowAsync(app, settings);
await app.WaitForShutdownAsync();
return 0;
