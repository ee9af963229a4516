using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>The routes that manage webhooks, which Bird calls subscriptions.</summary>
internal sealed class BirdWebhookRoutes(BirdWebhooksOptions options)
{
    private readonly BirdWebhookRules _rules = new(options);

    public void Map(RouteGroupBuilder group, string name)
    {
        group.MapPost("", CreateAsync)
            .WithName($"{name}CreateWebhookSubscription").WithSummary("Creates a subscription. The answer shows its signing key, once.")
            .Takes<BirdWebhookBody>().Answers<BirdWebhook>(201).RefusesWith<BirdRefusal>(400, 404, 413, 415);
        group.MapGet("", ListAsync)
            .WithName($"{name}ListWebhookSubscriptions").WithSummary("Lists subscriptions in the order of their creation.")
            .Answers<BirdList<BirdWebhook>>().RefusesWith<BirdRefusal>(400, 404);
        group.MapGet("{id}", FindAsync)
            .WithName($"{name}GetWebhookSubscription").WithSummary("The subscription, with its signing key masked.")
            .Answers<BirdWebhook>().RefusesWith<BirdRefusal>(404);
        group.MapPatch("{id}", ChangeAsync)
            .WithName($"{name}UpdateWebhookSubscription").WithSummary("Changes what is given of a subscription; the rest stays.")
            .Takes<BirdWebhookBody>().Answers<BirdWebhook>().RefusesWith<BirdRefusal>(400, 404, 413, 415);
        group.MapDelete("{id}", DeleteAsync)
            .WithName($"{name}DeleteWebhookSubscription").WithSummary("Deletes a subscription and cancels its unfinished deliveries.")
            .Produces(204).RefusesWith<BirdRefusal>(404);
    }

    private async Task<IResult> CreateAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, BirdJson.Types.BirdWebhookBody);
        var settings = _rules.ForCreate(body, createdBy: Person(http.User));
        await CheckRoomAsync(settings, except: null, scope, cancellationToken);
        var created = await scope.Registry.CreateAsync(settings, cancellationToken);
        var shown = Show(http, created.Webhook) with { SigningKey = created.Secret };
        return TypedResults.Json(shown, BirdJson.Types.BirdWebhook, statusCode: StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(
        HttpContext http,
        [FromQuery(Name = "limit"), Description("How many at most, 1 to 100. Default: 10.")] string? limit,
        [FromQuery(Name = "pageToken"), Description("nextPageToken of the page before.")] string? pageToken,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var most = BirdParameters.Limit(limit);
        var token = BirdPageToken.Read(pageToken);
        var webhooks = new List<Webhook>();
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            webhooks.Add(webhook);
        }

        // There are no more of them than a workspace may have. By time and id, so that the page goes on where it was even if its last row is gone.
        var rest = webhooks
            .OrderBy(webhook => webhook.CreatedAt)
            .ThenBy(webhook => webhook.Uid)
            .SkipWhile(webhook => token is not null
                && (webhook.CreatedAt < token.CreatedAt || (webhook.CreatedAt == token.CreatedAt && webhook.Uid.CompareTo(token.Id) <= 0)))
            .ToArray();
        var page = rest.Take(most).ToArray();
        var next = rest.Length > most ? new BirdPageToken(page[^1].CreatedAt, page[^1].Uid).Write() : null;
        return TypedResults.Json(
            new BirdList<BirdWebhook>(next, [.. page.Select(webhook => Show(http, webhook))]), BirdJson.Types.BirdListBirdWebhook);
    }

    private async Task<IResult> FindAsync(HttpContext http, [Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        TypedResults.Json(Show(http, await BirdPath.WebhookAsync(id, scope, cancellationToken)), BirdJson.Types.BirdWebhook);

    private async Task<IResult> ChangeAsync(HttpContext http, [Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, BirdJson.Types.BirdWebhookBody);
        var changed = await scope.Registry.ChangeLatestAsync(
            async () => await BirdPath.WebhookAsync(id, scope, cancellationToken),
            async current =>
            {
                var settings = _rules.ForChange(body, current);
                await CheckRoomAsync(settings, current, scope, cancellationToken);
                return settings;
            },
            cancellationToken);
        return TypedResults.Json(Show(http, changed ?? throw BirdRefusals.NoWebhook()), BirdJson.Types.BirdWebhook);
    }

    private static async Task<IResult> DeleteAsync([Description(Ids.WebhookUuid)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await BirdPath.WebhookAsync(id, scope, cancellationToken);
        return await scope.Registry.DeleteAsync(webhook.Id, cancellationToken) is null ? throw BirdRefusals.NoWebhook() : TypedResults.NoContent();
    }

    // Two at the same moment may both pass: this keeps a workspace tidy, the registry's own limit is the one that always holds.
    private async Task CheckRoomAsync(WebhookSettings settings, Webhook? except, WebhookScope scope, CancellationToken cancellationToken)
    {
        var combination = BirdWebhookRules.Combination(settings.Metadata, settings.Triggers, settings.Filters);
        if (except is not null && combination == Combination(except))
        {
            return;
        }

        var alike = 0;
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            alike += webhook.Id != except?.Id && combination == Combination(webhook) ? 1 : 0;
        }

        if (alike >= options.MaxPerFilter)
        {
            throw BirdRefusals.Bad($"eventFilters: There are {alike} subscriptions for this service, event and filters; at most {options.MaxPerFilter} are allowed.");
        }
    }

    private static (string?, string, string) Combination(Webhook webhook) =>
        BirdWebhookRules.Combination(webhook.Metadata, webhook.Triggers, webhook.Filters);

    private BirdWebhook Show(HttpContext http, Webhook webhook) => BirdWebhook.Of(webhook, options.OrganizationId, BirdPath.Workspace(http));

    private static string? Person(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name;
}
