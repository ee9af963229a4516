using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>The routes that read logs. A request is a delivery; its id is the event's, which receivers see too.</summary>
internal sealed class BirdLogRoutes(BirdWebhooksOptions options)
{
    private const int FirstOkStatus = 200;
    private const int LastOkStatus = 299;

    public void Map(RouteGroupBuilder group, string name)
    {
        group.MapGet("{id}/logs", ListAsync)
            .WithName($"{name}ListWebhookLogs").WithSummary("Lists the requests of a subscription, the newest first.")
            .Answers<BirdList<BirdLog>>().RefusesWith<BirdRefusal>(400, 404);
        group.MapGet("{id}/logs/details", DetailsAsync)
            .WithName($"{name}GetWebhookLogDetailsByRequestId").WithSummary("Lists the attempts of a request, the last one first.")
            .Answers<BirdList<BirdLogDetails>>().RefusesWith<BirdRefusal>(400, 404);
    }

    private async Task<IResult> ListAsync(
        HttpContext http,
        [Description(Ids.WebhookUuid)] string id,
        [FromQuery(Name = "limit"), Description("How many at most, 1 to 100. Default: 10.")] string? limit,
        [FromQuery(Name = "pageToken"), Description("nextPageToken of the page before.")] string? pageToken,
        [FromQuery(Name = "executionStatus"), Description("Only requests whose last attempt succeeded or failed.")] string? executionStatus,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var query = new WebhookDeliveryQuery { Limit = BirdParameters.Limit(limit), Answers = BirdParameters.ExecutionStatus(executionStatus) };
        var token = BirdPageToken.Read(pageToken);
        var webhook = await BirdPath.WebhookAsync(id, scope, cancellationToken);
        query = await AfterAsync(token, query with { WebhookId = webhook.Id }, scope.Deliveries, cancellationToken);
        var page = await scope.Deliveries.ListAsync(query, cancellationToken);

        // Deliveries come in publishing order. Their times do too, but for some milliseconds between nodes and transactions: where one is
        // later than the row before, it is shown as of that row, so that clients who merge pages by time find them sorted.
        var rows = new List<BirdLog>();
        var latest = token?.CreatedAt ?? DateTimeOffset.MaxValue;
        foreach (var delivery in page.Items)
        {
            latest = delivery.CreatedAt < latest ? delivery.CreatedAt : latest;
            rows.Add(Row(http, delivery, delivery.LastAttempt!) with { CreatedAt = latest });
        }

        var next = page.Next is null ? null : new BirdPageToken(latest, rows[^1].RequestId).Write();
        return TypedResults.Json(new BirdList<BirdLog>(next, rows), BirdJson.Types.BirdListBirdLog);
    }

    private async Task<IResult> DetailsAsync(
        HttpContext http,
        [Description(Ids.WebhookUuid)] string id,
        [FromQuery(Name = "requestId"), Description("The request, as its header messagebird-request-id has it. Required.")] string? requestId,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var webhook = await BirdPath.WebhookAsync(id, scope, cancellationToken);
        if (requestId is null || !Ids.TryUuid(requestId, out var uuid))
        {
            throw BirdRefusals.Bad("requestId: It must be a UUID.");
        }

        var query = new WebhookDeliveryQuery { EventId = uuid, WebhookId = webhook.Id, IncludePayload = true, Limit = 1 };
        IReadOnlyList<BirdLogDetails> details = (await scope.Deliveries.ListAsync(query, cancellationToken)).Items is [var delivery]
            ?
            [
                .. (await scope.Deliveries.AttemptsAsync(delivery.Id, cancellationToken))
                    .OrderByDescending(attempt => attempt.Number)
                    .Select(attempt => new BirdLogDetails(Attempt(http, delivery, attempt), attempt, delivery.Payload)),
            ]
            : [];
        return TypedResults.Json(new BirdList<BirdLogDetails>(NextPageToken: null, details), BirdJson.Types.BirdListBirdLogDetails);
    }

    /// <summary>Goes on after the request that the token names; where that is gone, or was never there, after its time.</summary>
    private static async Task<WebhookDeliveryQuery> AfterAsync(
        BirdPageToken? token, WebhookDeliveryQuery query, IWebhookDeliveries deliveries, CancellationToken cancellationToken)
    {
        if (token is null)
        {
            return query;
        }

        var named = new WebhookDeliveryQuery { EventId = token.Id, WebhookId = query.WebhookId, Limit = 1 };
        return (await deliveries.ListAsync(named, cancellationToken)).Items is [var last]
            ? query with { Cursor = last.Id.ToString(CultureInfo.InvariantCulture) }
            : query with { CreatedTo = token.CreatedAt };
    }

    private BirdLog Row(HttpContext http, WebhookDelivery delivery, WebhookAttempt last) => new()
    {
        OrganizationId = options.OrganizationId,
        WorkspaceId = BirdPath.Workspace(http),
        WebhookId = delivery.WebhookUid,
        RequestId = delivery.EventId,
        AttemptCount = last.Number,
        HttpStatusCode = last.StatusCode ?? 0,
        ExecutionStatus = last.StatusCode is >= FirstOkStatus and <= LastOkStatus ? BirdStatus.Succeeded : BirdStatus.Failed,
        CreatedAt = delivery.CreatedAt,
        UpdatedAt = last.FinishedAt,
    };

    private BirdLog Attempt(HttpContext http, WebhookDelivery delivery, WebhookAttempt attempt) =>
        Row(http, delivery, attempt) with { CreatedAt = attempt.StartedAt };
}
