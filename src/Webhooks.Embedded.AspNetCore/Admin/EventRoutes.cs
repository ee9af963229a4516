using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class EventRoutes
{
    public static void MapEventRoutes(this RouteGroupBuilder api)
    {
        api.MapGet("events", ListAsync)
            .Described("ListEvents", "Lists events without their payloads, the newest first.")
            .Answers<Page<EventResponse>>().Refuses(400);
        api.MapPost("events", PublishAsync)
            .Described("PublishEvent", "Publishes an event. Receivers get the payload's bytes as they stand in the body.")
            .Takes<PublishEventRequest>().Answers<PublishedEventResponse>(202).Refuses(400, 409, 413, 415);
        api.MapGet("events/{id}", FindAsync)
            .Described("GetEvent", "An event with its payload and the newest of its deliveries.")
            .Answers<EventDetailResponse>().Refuses(404);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        [AsParameters] EventListParameters parameters,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        QueryNames.Check<EventListParameters>(context);
        var page = await scope.Events.ListAsync(parameters.ToQuery(scope), cancellationToken);
        PageLinks.AddNext(context, page.Next);
        return TypedResults.Json(page.To(EventResponse.Of), AdminJson.Types.PageEventResponse);
    }

    private static async Task<IResult> PublishAsync(
        HttpContext context, WebhookScope scope, [FromServices] IWebhookPublisher publisher, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.PublishEventRequest);
        if (request.Payload.ValueKind == JsonValueKind.Undefined)
        {
            throw new WebhookValidationException("payload", "required", "Give a payload: any JSON value.");
        }

        var options = new PublishOptions { Tenant = scope.TenantOf(request.Tenant), Target = request.Target, IdempotencyKey = request.IdempotencyKey };
        var payload = JsonMarshal.GetRawUtf8Value(request.Payload).ToArray();
        var published = await publisher.PublishJsonAsync(request.Trigger, payload, options, cancellationToken);
        PageLinks.AddLocation(context, "events", $"{published.Id}");
        return TypedResults.Json(PublishedEventResponse.Of(published), AdminJson.Types.PublishedEventResponse, statusCode: 202);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context, [Description(Ids.EventId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        if (!Ids.TryUuid(id, out var uuid) || await scope.Events.FindAsync(uuid, cancellationToken) is not { } published)
        {
            return AdminProblems.NotFound("event");
        }

        var query = new WebhookDeliveryQuery { EventId = uuid, Limit = QueryValues.DefaultLimit };
        var page = await scope.Deliveries.ListAsync(query, cancellationToken);
        var retry = RetryScheduleInUse.Of(context);
        return TypedResults.Json(EventDetailResponse.Of(published, page.To(delivery => DeliveryResponse.Of(delivery, retry))), AdminJson.Types.EventDetailResponse);
    }
}
