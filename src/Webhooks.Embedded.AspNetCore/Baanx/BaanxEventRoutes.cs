using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>The routes of events. Where the path says <c>events</c>, that is no webhook's id: what is literal goes first in routing.</summary>
internal sealed class BaanxEventRoutes(BaanxEvents events)
{
    private const int MaxLogs = 100;

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("events", ListAsync)
            .WithName("Baanx_ListEvents").WithSummary("Lists events, the newest first.")
            .Answers<BaanxEventList>().RefusesWith<BaanxRefusal>(400);
        group.MapGet("events/{eventId}/status", StatusAsync)
            .WithName("Baanx_GetEventStatus").WithSummary("Where an event stands.")
            .Answers<BaanxEventStatus>().RefusesWith<BaanxRefusal>(400, 404);
        group.MapGet("events/{eventId}/logs", LogsAsync)
            .WithName("Baanx_ListEventLogs").WithSummary("An event with its delivery attempts, the newest first, 100 at most.")
            .Answers<BaanxEventLogs>().RefusesWith<BaanxRefusal>(400, 404);
        group.MapPost("events/{eventId}/retry", RetryAsync)
            .WithName("Baanx_RetryEvent").WithSummary("Sends an event again, to one webhook or to all that are active.")
            .Takes<BaanxRetryBody>(optional: true).Answers<BaanxRetryDone>().RefusesWith<BaanxRefusal>(400, 404, 413, 415);
    }

    private async Task<IResult> ListAsync(
        [FromQuery(Name = "status"), Description("Only events of this status: pending, processing, completed, failed or skipped.")] string? status,
        [FromQuery(Name = "limit"), Description("How many at most, 1 to 100. Default: 50.")] string? limit,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var wanted = BaanxParameters.Status(status);
        var found = await events.NewestAsync(scope, wanted, BaanxParameters.Limit(limit), cancellationToken);
        return TypedResults.Json(new BaanxEventList(found), BaanxJson.Types.BaanxEventList);
    }

    private static async Task<IResult> StatusAsync([Description(Ids.EventId)] string eventId, WebhookScope scope, CancellationToken cancellationToken)
    {
        var published = await EventAsync(eventId, scope, cancellationToken);
        var deliveries = await BaanxEvents.DeliveriesAsync(scope, published, cancellationToken);
        var status = new BaanxEventStatus
        {
            Id = published.Id,
            Status = BaanxStatuses.Of(deliveries),
            EventType = published.Trigger,
            CreatedAt = published.PublishedAt,
            ProcessedAt = BaanxStatuses.ProcessedAt(deliveries),
        };
        return TypedResults.Json(status, BaanxJson.Types.BaanxEventStatus);
    }

    private async Task<IResult> LogsAsync([Description(Ids.EventId)] string eventId, WebhookScope scope, CancellationToken cancellationToken)
    {
        var published = await EventAsync(eventId, scope, cancellationToken);
        var deliveries = await BaanxEvents.DeliveriesAsync(scope, published, cancellationToken);
        var urls = new Dictionary<long, string>();
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            urls.Add(webhook.Id, webhook.Url);
        }

        var logs = await new BaanxLogReader(scope.Deliveries).RowsAsync(
            deliveries, MaxLogs, delivery => urls.GetValueOrDefault(delivery.WebhookId, ""), _ => published.Payload, cancellationToken);
        return TypedResults.Json(new BaanxEventLogs(events.Of(published, deliveries), logs), BaanxJson.Types.BaanxEventLogs);
    }

    private static async Task<IResult> RetryAsync(HttpContext http, [Description(Ids.EventId)] string eventId, WebhookScope scope, CancellationToken cancellationToken)
    {
        var uid = BaanxParameters.Uuid("eventId", eventId);
        var body = await RequestBody.ReadOrDefaultAsync(http, BaanxJson.Types.BaanxRetryBody);
        Guid? webhookUid = body.WebhookId is null ? null : BaanxParameters.Uuid("webhookId", body.WebhookId);
        var published = await EventAsync(uid, scope, cancellationToken);
        var count = webhookUid is { } one
            ? await BaanxRetry.ToOneAsync(
                scope, published, await scope.Registry.FindAsync(one, cancellationToken) ?? throw BaanxRefusals.NoWebhook(), cancellationToken)
            : await BaanxRetry.ToAllAsync(scope, published, cancellationToken);
        return TypedResults.Json(new BaanxRetryDone(new BaanxRetried(published.Id, count)), BaanxJson.Types.BaanxRetryDone);
    }

    private static Task<WebhookEvent> EventAsync(string eventId, WebhookScope scope, CancellationToken cancellationToken) =>
        EventAsync(BaanxParameters.Uuid("eventId", eventId), scope, cancellationToken);

    private static async Task<WebhookEvent> EventAsync(Guid uid, WebhookScope scope, CancellationToken cancellationToken) =>
        await scope.Events.FindAsync(uid, cancellationToken) ?? throw BaanxRefusals.NoEvent();
}
