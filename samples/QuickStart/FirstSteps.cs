using Webhooks.Embedded;

namespace QuickStart;

/// <summary>On an empty store: registers a webhook, publishes an event, and tells what happens until the delivery is in the log.</summary>
internal static class FirstSteps
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public static async Task ShowAsync(WebApplication app, QuickStartSettings settings)
    {
        var address = Reachable(app.Urls.First());
        Console.WriteLine($"QuickStart listens on {address} and keeps its data in: {settings.Location}");
        try
        {
            if (!settings.Dispatches)
            {
                Console.WriteLine("This node publishes and manages. It delivers nothing: another node on the same store does.");
            }
            else if (await IsEmptyAsync(app.Services, app.Lifetime.ApplicationStopping))
            {
                await TakeAsync(app.Services, address, app.Lifetime.ApplicationStopping);
            }
            else
            {
                Console.WriteLine("There is data from before, so nothing was registered or published now.");
            }
        }
        catch (WebhookValidationException exception)
        {
            // It listens on an address of a network that webhooks may not reach.
            Console.WriteLine($"Its own sink at {address} was not registered: {exception.Message}");
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped half-way; the next start finds the webhook and says nothing more.
            return;
        }

        ShowWhereToLook(address, settings.ApiKey);
    }

    private static async Task<bool> IsEmptyAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var webhooks = await services.GetRequiredService<IWebhookRegistry>().ListAsync(new() { Limit = 1 }, cancellationToken);
        var events = await services.GetRequiredService<IWebhookEvents>().ListAsync(new() { Limit = 1 }, cancellationToken);
        return webhooks.Items.Count == 0 && events.Items.Count == 0;
    }

    private static async Task TakeAsync(IServiceProvider services, string address, CancellationToken cancellationToken)
    {
        var registry = services.GetRequiredService<IWebhookRegistry>();
        var sink = new WebhookSettings { Name = "My own sink", Url = $"{address}/sink/demo", Triggers = ["*"] };
        var webhook = (await registry.CreateAsync(sink, cancellationToken)).Webhook;
        Console.WriteLine($"1. Registered webhook {webhook.Id}: it gets every trigger at {webhook.Url}");

        var start = TimeProvider.System.GetTimestamp();
        var publisher = services.GetRequiredService<IWebhookPublisher>();
        var published = await publisher.PublishAsync(new OrderCreated(Guid.CreateVersion7(), "Ada", 42), cancellationToken);
        Console.WriteLine($"2. Published order.created: event {published.Id} was durable after {Since(start)} ms, for {published.Deliveries} webhook");

        var delivery = await FinishedAsync(services.GetRequiredService<IWebhookDeliveries>(), published.Id, cancellationToken);
        Console.WriteLine(delivery switch
        {
            { Status: WebhookDeliveryStatus.Delivered, LastAttempt: { } attempt } =>
                $"3. Delivery {delivery.Id} is in the log: {delivery.Status}, status {attempt.StatusCode}, attempt {attempt.Number} took "
                + $"{attempt.Duration.TotalMilliseconds:F0} ms, all in all {Since(start)} ms. The sink answered: {attempt.ResponseBody}",
            { LastAttempt: { } attempt } =>
                $"3. Delivery {delivery.Id} is {delivery.Status} after attempt {attempt.Number}: {attempt.Outcome}, {attempt.Error}",
            _ => $"3. No attempt was made within {Patience.TotalSeconds} s",
        });
    }

    private static async Task<WebhookDelivery?> FinishedAsync(IWebhookDeliveries deliveries, Guid eventId, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var page = await deliveries.ListAsync(new() { EventId = eventId, Limit = 1 }, cancellationToken);
            var delivery = page.Items.SingleOrDefault();
            if (delivery?.FinishedAt is not null || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                return delivery;
            }

            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    private static void ShowWhereToLook(string address, string apiKey) => Console.WriteLine($$"""
        Where to look next:
          what the sink got     curl {{address}}/sink/demo
          the log               curl -H "Authorization: Bearer {{apiKey}}" {{address}}/webhooks/api/deliveries
          publish an order      curl -X POST {{address}}/orders
          publish anything      curl -d '{"any":"json"}' {{address}}/publish/user.created
          let the sink fail     curl -X PUT -H "Content-Type: application/json" -d '{"status":500}' {{address}}/sink/demo
          the DocSpace shape    curl -H "Authorization: Bearer {{apiKey}}" {{address}}/api/2.0/settings/webhooks/log
          the Baanx shape       curl -H "Authorization: Bearer {{apiKey}}" {{address}}/v1/webhooks
          the Bird shape        curl -H "Authorization: AccessKey {{apiKey}}" {{address}}/workspaces/any/webhook-subscriptions
        Ctrl+C stops.
        """);

    // What "*" and its likes bind to is not where a request can go.
    private static string Reachable(string url)
    {
        var uri = new UriBuilder(url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal));
        if (uri.Host is "0.0.0.0" or "[::]")
        {
            uri.Host = "localhost";
        }

        return uri.Uri.GetLeftPart(UriPartial.Authority);
    }

    private static string Since(long timestamp) => $"{TimeProvider.System.GetElapsedTime(timestamp).TotalMilliseconds:F0}";
}
