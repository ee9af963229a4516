using Microsoft.AspNetCore.Mvc;
using Webhooks.Embedded;

namespace QuickStart;

/// <summary>Publishes whatever JSON is posted.</summary>
internal static class PublishRoutes
{
    public static void MapPublish(this IEndpointRouteBuilder routes, string pattern) => routes.MapPost(pattern, Publish);

    // The bytes go through as they came: what is posted here is what receivers get.
    private static async Task<IResult> Publish(
        string trigger,
        [FromQuery] string? target,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        Stream body,
        IWebhookPublisher webhooks,
        CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await body.CopyToAsync(json, cancellationToken);
        var options = new PublishOptions { Target = target, IdempotencyKey = idempotencyKey };
        var published = await webhooks.PublishJsonAsync(trigger, json.ToArray(), options, cancellationToken);
        return Results.Accepted(value: new { published.Id, published.Deliveries, published.IsDuplicate });
    }
}
