using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class DeliveryRoutes
{
    public static void MapDeliveryRoutes(this RouteGroupBuilder api)
    {
        api.MapGet("deliveries", ListAsync)
            .Described("ListDeliveries", "Lists deliveries, unfinished and finished together, the newest first.")
            .Answers<Page<DeliveryResponse>>().Refuses(400);
        api.MapGet("deliveries/{id}", FindAsync)
            .Described("GetDelivery", "A delivery with its payload, what came of its last attempt, and why the next one is when it is.")
            .Answers<DeliveryDetailResponse>().Refuses(404);
        api.MapGet("deliveries/{id}/attempts", AttemptsAsync)
            .Described("ListAttempts", "Lists the attempts of a delivery with what was said, the first one first. It has one page.")
            .Answers<Page<AttemptResponse>>().Refuses(404);
        api.MapPost("deliveries/{id}/retry", RetryAsync)
            .Described("RetryDelivery", "Makes a delivery due now. The attempt itself follows.")
            .Answers<RetryResponse>(202).Refuses(404, 409);
        api.MapPost("deliveries/retry", RetryManyAsync)
            .Described("RetryDeliveries", "Makes up to 1,000 deliveries due now and says what became of each.")
            .Takes<RetryDeliveriesRequest>().Answers<Page<RetryResponse>>().Refuses(400, 413, 415);
        api.MapPost("deliveries/{id}/cancel", CancelAsync)
            .Described("CancelDelivery", "Gives a delivery up that is not finished. What is under way ends by itself first.")
            .Answers<CancelResponse>().Refuses(404, 409);
        api.MapPost("deliveries/cancel", CancelManyAsync)
            .Described("CancelDeliveries", "Gives up to 1,000 deliveries up and says what became of each.")
            .Takes<CancelDeliveriesRequest>().Answers<Page<CancelResponse>>().Refuses(400, 413, 415);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        [AsParameters] DeliveryListParameters parameters,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        QueryNames.Check<DeliveryListParameters>(context);
        var page = await scope.Deliveries.ListAsync(parameters.ToQuery(scope), cancellationToken);
        PageLinks.AddNext(context, page.Next);
        var retry = RetryScheduleInUse.Of(context);
        return TypedResults.Json(page.To(delivery => DeliveryResponse.Of(delivery, retry)), AdminJson.Types.PageDeliveryResponse);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context, [Description(Ids.DeliveryId)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        await FindDeliveryAsync(scope, id, cancellationToken) is { } delivery
            ? TypedResults.Json(DeliveryDetailResponse.Of(delivery, RetryScheduleInUse.Of(context)), AdminJson.Types.DeliveryDetailResponse)
            : AdminProblems.NotFound("delivery");

    private static async Task<IResult> AttemptsAsync(
        [Description(Ids.DeliveryId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        if (await FindDeliveryAsync(scope, id, cancellationToken) is not { } delivery)
        {
            return AdminProblems.NotFound("delivery");
        }

        var attempts = await scope.Deliveries.AttemptsAsync(delivery.Id, cancellationToken);
        return TypedResults.Json(Page.Only(attempts.Select(AttemptResponse.Of)), AdminJson.Types.PageAttemptResponse);
    }

    private static async Task<IResult> RetryAsync(
        [Description(Ids.DeliveryId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        if (!Ids.TryNumber(id, out var number))
        {
            return AdminProblems.NotFound("delivery");
        }

        var retry = new WebhookRetry(number, await scope.Deliveries.RetryAsync(number, cancellationToken));
        return (IResult?)AdminProblems.NotRetried(retry.Result)
            ?? TypedResults.Json(RetryResponse.Of(retry), AdminJson.Types.RetryResponse, statusCode: 202);
    }

    private static async Task<IResult> RetryManyAsync(
        HttpContext context, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.RetryDeliveriesRequest);
        if (request.Ids.Count is 0 or > RetryDeliveriesRequest.MaxIds)
        {
            throw new WebhookValidationException("ids", "out_of_range", $"Give 1 to {RetryDeliveriesRequest.MaxIds} ids.");
        }

        var retries = await scope.Deliveries.RetryAsync([.. request.Ids.Distinct()], cancellationToken);
        return TypedResults.Json(Page.Only(retries.Select(RetryResponse.Of)), AdminJson.Types.PageRetryResponse);
    }

    private static async Task<IResult> CancelAsync(
        [Description(Ids.DeliveryId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        if (!Ids.TryNumber(id, out var number))
        {
            return AdminProblems.NotFound("delivery");
        }

        var cancellation = new WebhookCancellation(number, await scope.Deliveries.CancelAsync(number, cancellationToken));
        return (IResult?)AdminProblems.NotCancelled(cancellation.Result)
            ?? TypedResults.Json(CancelResponse.Of(cancellation), AdminJson.Types.CancelResponse);
    }

    private static async Task<IResult> CancelManyAsync(
        HttpContext context, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.CancelDeliveriesRequest);
        if (request.Ids.Count is 0 or > CancelDeliveriesRequest.MaxIds)
        {
            throw new WebhookValidationException("ids", "out_of_range", $"Give 1 to {CancelDeliveriesRequest.MaxIds} ids.");
        }

        var cancellations = await scope.Deliveries.CancelAsync([.. request.Ids.Distinct()], cancellationToken);
        return TypedResults.Json(Page.Only(cancellations.Select(CancelResponse.Of)), AdminJson.Types.PageCancelResponse);
    }

    private static async Task<WebhookDelivery?> FindDeliveryAsync(
        WebhookScope scope, string id, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var number) ? await scope.Deliveries.FindAsync(number, cancellationToken) : null;
}
