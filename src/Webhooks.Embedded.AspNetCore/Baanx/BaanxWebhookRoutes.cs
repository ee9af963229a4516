using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>The routes of webhooks and of their logs.</summary>
internal sealed class BaanxWebhookRoutes(BaanxWebhooksOptions options)
{
    private readonly BaanxWebhookRules _rules = new(options);

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync)
            .WithName("Baanx_ListWebhooks").WithSummary("Lists all webhooks, with their keys masked.")
            .Answers<IReadOnlyList<BaanxWebhook>>();
        group.MapPost("", CreateAsync)
            .WithName("Baanx_CreateWebhook").WithSummary("Creates a webhook. The answer shows its key, once.")
            .Takes<BaanxWebhookBody>().Answers<BaanxWebhookDone>(201).RefusesWith<BaanxRefusal>(400, 413, 415);
        group.MapGet("{id}", FindAsync)
            .WithName("Baanx_GetWebhook").WithSummary("The webhook, with its key masked.")
            .Answers<BaanxWebhook>().RefusesWith<BaanxRefusal>(400, 404);
        group.MapPut("{id}", ChangeAsync)
            .WithName("Baanx_UpdateWebhook").WithSummary("Changes what is given of a webhook; the rest stays.")
            .Takes<BaanxWebhookBody>().Answers<BaanxWebhookDone>().RefusesWith<BaanxRefusal>(400, 404, 413, 415);
        group.MapDelete("{id}", DeleteAsync)
            .WithName("Baanx_DeleteWebhook").WithSummary("Deletes a webhook and cancels its unfinished deliveries.")
            .Answers<BaanxDone>().RefusesWith<BaanxRefusal>(400, 404);
        group.MapPost("{id}/rotate-key", RotateKeyAsync)
            .WithName("Baanx_RotateKey").WithSummary("Gives a webhook a new key, shown once. The old one is dead at once.")
            .Answers<BaanxWebhookDone>().RefusesWith<BaanxRefusal>(400, 404);
        group.MapGet("{id}/logs", LogsAsync)
            .WithName("Baanx_ListWebhookLogs").WithSummary("Lists delivery attempts of a webhook, the newest first.")
            .Answers<BaanxLogs>().RefusesWith<BaanxRefusal>(400, 404);
    }

    private static async Task<IResult> ListAsync(WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhooks = new List<BaanxWebhook>();
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            webhooks.Add(BaanxWebhook.Of(webhook));
        }

        return TypedResults.Json(webhooks, BaanxJson.Types.IReadOnlyListBaanxWebhook);
    }

    private async Task<IResult> CreateAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, BaanxJson.Types.BaanxWebhookBody);
        var settings = _rules.ForCreate(body, createdBy: Person(http.User));
        try
        {
            var created = await scope.Registry.CreateAsync(settings, options.MaxWebhooks, cancellationToken);
            return BaanxJson.Done(BaanxWebhook.Of(created), StatusCodes.Status201Created);
        }
        catch (WebhookValidationException e) when (e.Errors.Any(error => error.Code == "too_many_webhooks"))
        {
            // Clients know this one by Baanx's own words.
            throw BaanxRefusals.Bad($"Maximum webhook limit ({options.MaxWebhooks}) reached for this tenant");
        }
    }

    private static async Task<IResult> FindAsync([Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        TypedResults.Json(BaanxWebhook.Of(await WebhookAsync(id, scope, cancellationToken)), BaanxJson.Types.BaanxWebhook);

    private async Task<IResult> ChangeAsync(HttpContext http, [Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var uid = BaanxParameters.Uuid("id", id);
        var body = await RequestBody.ReadAsync(http, BaanxJson.Types.BaanxWebhookBody);
        var registry = scope.Registry;
        var changed = await registry.ChangeLatestAsync(
            () => registry.FindAsync(uid, cancellationToken), current => Task.FromResult(_rules.ForChange(body, current)), cancellationToken);
        return BaanxJson.Done(BaanxWebhook.Of(changed ?? throw BaanxRefusals.NoWebhook()));
    }

    private static async Task<IResult> DeleteAsync([Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await WebhookAsync(id, scope, cancellationToken);
        return await scope.Registry.DeleteAsync(webhook.Id, cancellationToken) is null
            ? throw BaanxRefusals.NoWebhook()
            : TypedResults.Json(BaanxDone.Instance, BaanxJson.Types.BaanxDone);
    }

    private static async Task<IResult> RotateKeyAsync([Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await WebhookAsync(id, scope, cancellationToken);
        var rotated = await scope.Registry.RotateSecretAsync(webhook.Id, BaanxApiKey.New(), TimeSpan.Zero, cancellationToken);
        return BaanxJson.Done(BaanxWebhook.Of(rotated ?? throw BaanxRefusals.NoWebhook()));
    }

    private static async Task<IResult> LogsAsync(
        [Description(Ids.WebhookUuid)] string id,
        [FromQuery(Name = "limit"), Description("How many at most, 1 to 100. Default: 50.")] string? limit,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var uid = BaanxParameters.Uuid("id", id);
        var most = BaanxParameters.Limit(limit);
        var webhook = await WebhookAsync(uid, scope, cancellationToken);
        var logs = await new BaanxLogReader(scope.Deliveries).OfWebhookAsync(webhook, most, cancellationToken);
        return TypedResults.Json(new BaanxLogs(logs), BaanxJson.Types.BaanxLogs);
    }

    private static Task<Webhook> WebhookAsync(string id, WebhookScope scope, CancellationToken cancellationToken) =>
        WebhookAsync(BaanxParameters.Uuid("id", id), scope, cancellationToken);

    private static async Task<Webhook> WebhookAsync(Guid uid, WebhookScope scope, CancellationToken cancellationToken) =>
        await scope.Registry.FindAsync(uid, cancellationToken) ?? throw BaanxRefusals.NoWebhook();

    private static string? Person(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name;
}
