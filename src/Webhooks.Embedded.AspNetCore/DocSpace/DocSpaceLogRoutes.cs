using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>The routes that read the log and retry what is in it. A log's id is the delivery's.</summary>
internal sealed class DocSpaceLogRoutes(DocSpaceTriggers triggers, DocSpaceWebhooksOptions options)
{
    private const int MaxRetries = 1000;

    // `total` is exact as far as the log can be paged; counting millions of rows on every call would cost more than it tells.
    private const int MaxTotal = DocSpaceLogQuery.MaxStartIndex;

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("webhooks/log", ListAsync)
            .Described("ListLogs", "Lists logs, the newest first").AnswersMany<DocSpaceLogRow>().Refuses(400);
        group.MapPut("webhook/{id:long}/retry", RetryAsync)
            .Described("RetryLog", "Retries the delivery of one log").AnswersOne<DocSpaceLogRow>().Refuses(400, 404);
        group.MapPut("webhook/retry", RetryManyAsync)
            .Described("RetryLogs", "Retries the deliveries of many logs").Takes<DocSpaceRetryBody>().AnswersMany<DocSpaceLogRow>().Refuses(400, 415);
    }

    private async Task<IResult> ListAsync(
        HttpContext http, [AsParameters] DocSpaceLogParameters described, WebhookScope scope, CancellationToken cancellationToken)
    {
        _ = described;
        var query = DocSpaceLogQuery.Read(http.Request.Query, triggers);
        var page = await scope.Deliveries.ListAsync(query, cancellationToken);
        return DocSpaceAnswer.List(
            http, Rows(page.Items), await TotalAsync(scope, query, page.Items.Count, cancellationToken));
    }

    private async Task<IResult> RetryAsync(
        HttpContext http, [Description("The id of the log.")] long id, WebhookScope scope, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (id <= 0)
        {
            throw new WebhookValidationException("id", "invalid", "The id of a log is 1 or more.");
        }

        var delivery = await scope.Deliveries.FindAsync(id, cancellationToken) ?? throw DocSpaceRefusals.NotFound();
        var (result, retried) = await new DocSpaceRetry(scope.Deliveries, timeProvider, options.RetryWait).OneAsync(delivery, cancellationToken);
        return DocSpaceRefusals.Of(result) is { } refused ? throw refused : DocSpaceAnswer.Item(http, Row(delivery, retried));
    }

    private async Task<IResult> RetryManyAsync(
        HttpContext http, WebhookScope scope, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var body = await DocSpaceJson.ReadAsync<DocSpaceRetryBody>(http);
        if (body.Ids is not { Count: <= MaxRetries } ids)
        {
            throw new WebhookValidationException("ids", "invalid", $"An array of at most {MaxRetries} ids of logs is required.");
        }

        var found = await scope.Deliveries.FindAsync(ids, cancellationToken);
        var retried = await new DocSpaceRetry(scope.Deliveries, timeProvider, options.RetryWait).ManyAsync(found, cancellationToken);
        return DocSpaceAnswer.List<DocSpaceLogRow>(http, [.. found.Select(delivery => Row(delivery, retried))]);
    }

    private DocSpaceLogRow[] Rows(IReadOnlyList<WebhookDelivery> deliveries) =>
        [.. deliveries.Select(delivery => DocSpaceRows.Log(delivery, triggers))];

    private DocSpaceLogRow Row(WebhookDelivery before, DocSpaceRetried retried) =>
        DocSpaceRows.Log(retried.Over.GetValueOrDefault(before.Id, before), triggers, retried.Awaited.Contains(before.Id));

    private static async Task<int> TotalAsync(
        WebhookScope scope, WebhookDeliveryQuery query, int onThisPage, CancellationToken cancellationToken)
    {
        // The last page says how many there are; no count is needed then.
        var isLastPage = onThisPage < query.Limit && (onThisPage > 0 || query.Offset == 0);
        return isLastPage ? query.Offset + onThisPage : await scope.Deliveries.CountAsync(query, MaxTotal, cancellationToken);
    }
}
