using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class OperationRoutes
{
    private const string KeyHeader = "Idempotency-Key";

    public static void MapOperationRoutes(this RouteGroupBuilder api)
    {
        api.MapPost("operations/preview", PreviewAsync)
            .Described("PreviewOperation", "How many deliveries a filter finds, and the newest ten of them. Nothing is changed.")
            .Takes<PreviewOperationRequest>().Answers<OperationPreviewResponse>().Refuses(400, 413, 415);
        api.MapPost("operations", StartAsync)
            .Described("StartOperation", "Retries or cancels all deliveries that a filter finds, in the background, at a rate.")
            .Takes<StartOperationRequest>().Answers<OperationResponse>(202).Refuses(400, 409, 413, 415);
        api.MapGet("operations", ListAsync)
            .Described("ListOperations", "Lists operations and how far they have come, the newest first.")
            .Answers<Page<OperationResponse>>().Refuses(400);
        api.MapGet("operations/{id}", FindAsync)
            .Described("GetOperation", "An operation and how far it has come.")
            .Answers<OperationResponse>().Refuses(404);
        api.MapPost("operations/{id}/cancel", CancelAsync)
            .Described("CancelOperation", "Stops an operation. What it has done stays done.")
            .Answers<OperationResponse>().Refuses(404, 409);
    }

    private static async Task<IResult> PreviewAsync(HttpContext context, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.PreviewOperationRequest);
        var query = OperationFilter.Read(request.Filter, scope);
        var preview = await scope.Operations.PreviewAsync(query, cancellationToken);
        return TypedResults.Json(OperationPreviewResponse.Of(preview, RetryScheduleInUse.Of(context)), AdminJson.Types.OperationPreviewResponse);
    }

    private static async Task<IResult> StartAsync(HttpContext context, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.StartOperationRequest);
        var kind = request.Kind switch
        {
            "retry" => WebhookOperationKind.Retry,
            "cancel" => WebhookOperationKind.Cancel,
            _ => throw new WebhookValidationException("kind", "unknown_value", "Must be retry or cancel."),
        };
        var query = OperationFilter.Read(request.Filter, scope);
        var options = new WebhookOperationOptions
        {
            All = request.All,
            CreatedBy = NameOf(context),
            IdempotencyKey = context.Request.Headers.TryGetValue(KeyHeader, out var key) ? key.ToString() : null,
        };
        var operation = await scope.Operations.StartAsync(
            kind, query, options with { Rate = request.Rate ?? options.Rate }, cancellationToken);
        PageLinks.AddLocation(context, "operations", $"{operation.Id}");
        return TypedResults.Json(OperationResponse.Of(operation), AdminJson.Types.OperationResponse, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, [AsParameters] OperationListParameters parameters, WebhookScope scope, CancellationToken cancellationToken)
    {
        QueryNames.Check<OperationListParameters>(context);
        var values = new QueryValues();
        var (cursor, limit) = (values.Text("cursor", parameters.Cursor), values.Limit(parameters.Limit));
        values.ThrowIfFaulty();
        var page = await scope.Operations.ListAsync(cursor, limit, cancellationToken);
        PageLinks.AddNext(context, page.Next);
        return TypedResults.Json(page.To(OperationResponse.Of), AdminJson.Types.PageOperationResponse);
    }

    private static async Task<IResult> FindAsync([Description(Ids.OperationId)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        Ids.TryUuid(id, out var uuid) && await scope.Operations.FindAsync(uuid, cancellationToken) is { } operation
            ? TypedResults.Json(OperationResponse.Of(operation), AdminJson.Types.OperationResponse)
            : AdminProblems.NotFound("operation");

    private static async Task<IResult> CancelAsync([Description(Ids.OperationId)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        !Ids.TryUuid(id, out var uuid) || await scope.Operations.CancelAsync(uuid, cancellationToken) is not { } operation
            ? AdminProblems.NotFound("operation")
            : operation.Status == WebhookOperationStatus.Cancelled
            ? TypedResults.Json(OperationResponse.Of(operation), AdminJson.Types.OperationResponse)
            : AdminProblems.OperationEnded();

    private static string? NameOf(HttpContext context) =>
        context.User.Identity?.Name is { } name && !string.IsNullOrWhiteSpace(name) ? name : null;
}

internal sealed class OperationListParameters
{
    [FromQuery(Name = "cursor"), Description("next of the page before.")]
    public string? Cursor { get; set; }

    [FromQuery(Name = "limit"), Description("How many at most, 1 to 200. Default: 50.")]
    public string? Limit { get; set; }
}
