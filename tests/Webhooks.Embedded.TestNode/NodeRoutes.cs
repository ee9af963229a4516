using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.TestNode;

/// <summary>What the tests tell a node to do.</summary>
internal static class NodeRoutes
{
    public static async Task<IResult> RegisterAsync(
        string tenant, string url, string secret, IWebhookRegistry registry, CancellationToken cancellationToken)
    {
        var settings = new WebhookSettings { Name = "Receiver", Url = url, Triggers = ["*"], Tenant = tenant, Secret = secret };
        var created = await registry.CreateAsync(settings, cancellationToken);
        return Results.Text($"{created.Webhook.Id}");
    }

    /// <summary>Publishes the bytes that are posted. A store that failed answers 503, and any other exception 500 with its type.</summary>
    public static async Task<IResult> PublishAsync(
        string tenant, string? key, Stream body, IWebhookPublisher publisher, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await body.CopyToAsync(json, cancellationToken);
        try
        {
            var options = new PublishOptions { Tenant = tenant, IdempotencyKey = key };
            var published = await publisher.PublishJsonAsync("order.paid", json.ToArray(), options, cancellationToken);
            return Results.Text($"{published.Id}");
        }
        catch (WebhookStoreException exception)
        {
            return Results.Text($"{(exception.IsTransient ? "transient" : "permanent")}: {exception.Message}", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception exception)
        {
            // Whatever else reaches the app is for the test to judge.
            return Results.Text($"{exception}", statusCode: StatusCodes.Status500InternalServerError);
        }
    }
}
