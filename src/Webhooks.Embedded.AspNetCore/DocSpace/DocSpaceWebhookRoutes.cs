using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>The routes that manage webhooks.</summary>
internal sealed class DocSpaceWebhookRoutes(DocSpaceTriggers triggers, DocSpaceProbe? probe)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("webhook", ListAsync)
            .Described("ListWebhooks", "Lists all webhooks with their status").AnswersMany<DocSpaceWebhookRow>();
        group.MapPost("webhook", CreateAsync)
            .Described("CreateWebhook", "Creates a webhook").Takes<DocSpaceConfigBody>().AnswersOne<DocSpaceConfig>().Refuses(400, 415);
        group.MapPut("webhook", ChangeAsync)
            .Described("ChangeWebhook", "Changes a webhook").Takes<DocSpaceConfigBody>().AnswersOne<DocSpaceConfig>().Refuses(400, 404, 415);
        group.MapPut("webhook/enable", EnableAsync)
            .Described("EnableWebhook", "Enables or disables a webhook").Takes<DocSpaceConfigBody>().AnswersOne<DocSpaceConfig>().Refuses(400, 404, 415);
        group.MapDelete("webhook/{id:long}", RemoveAsync)
            .Described("RemoveWebhook", "Removes a webhook").AnswersOne<DocSpaceConfig>().Refuses(404);
        group.MapGet("webhook/triggers", ListTriggers)
            .Described("ListTriggers", "Lists the triggers").AnswersMany<DocSpaceTrigger>();
    }

    private async Task<IResult> ListAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var rows = new List<DocSpaceWebhookRow>();
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            rows.Add(DocSpaceRows.Webhook(webhook, triggers));
        }

        return DocSpaceAnswer.List(http, rows);
    }

    private async Task<IResult> CreateAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await DocSpaceJson.ReadAsync<DocSpaceConfigBody>(http);
        var settings = DocSpaceConfigRules.ForCreate(body, triggers, Person(http.User));
        await ProbeAsync(settings.Url, settings.VerifyTls, cancellationToken);
        await foreach (var webhook in scope.Registry.AllAsync(cancellationToken))
        {
            // Two at the same moment may both pass: this catches a slip, it keeps no promise.
            if (webhook.Name == settings.Name && webhook.Url == settings.Url)
            {
                throw new WebhookValidationException("name", "duplicate", "A webhook with the same name and uri exists already.");
            }
        }

        var created = await scope.Registry.CreateAsync(settings, cancellationToken);
        return DocSpaceAnswer.Item(http, DocSpaceRows.Config(created.Webhook, triggers));
    }

    private async Task<IResult> ChangeAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await DocSpaceJson.ReadAsync<DocSpaceConfigBody>(http);
        var id = IdOf(body);
        var registry = scope.Registry;

        // What these clients do not know of, such as filters, stays as somebody else may be setting it at this moment.
        return Config(http, await registry.ChangeLatestAsync(
            () => registry.FindAsync(id, cancellationToken),
            current => Task.FromResult(DocSpaceConfigRules.ForChange(body, triggers, current)),
            cancellationToken));
    }

    // DocSpace's clients send the whole webhook here; only these two members of it count.
    private async Task<IResult> EnableAsync(HttpContext http, WebhookScope scope, CancellationToken cancellationToken)
    {
        var body = await DocSpaceJson.ReadAsync<DocSpaceConfigBody>(http);
        var id = IdOf(body);
        if (body.Enabled != true)
        {
            return Config(http, await scope.Registry.DisableAsync(id, cancellationToken: cancellationToken));
        }

        if (await scope.Registry.FindAsync(id, cancellationToken) is { } webhook)
        {
            await ProbeAsync(webhook.Url, webhook.VerifyTls, cancellationToken);
        }

        return Config(http, await scope.Registry.EnableAsync(id, cancellationToken: cancellationToken));
    }

    private async Task<IResult> RemoveAsync(
        HttpContext http, [Description("The id of the webhook.")] long id, WebhookScope scope, CancellationToken cancellationToken) =>
        Config(http, await scope.Registry.DeleteAsync(id, cancellationToken));

    private IResult ListTriggers(HttpContext http) => DocSpaceAnswer.List(http, triggers.List());

    private Task ProbeAsync(string url, bool verifyTls, CancellationToken cancellationToken) =>
        probe?.CheckAsync(url, verifyTls, cancellationToken) ?? Task.CompletedTask;

    private IResult Config(HttpContext http, Webhook? webhook) =>
        webhook is null ? throw DocSpaceRefusals.NotFound() : DocSpaceAnswer.Item(http, DocSpaceRows.Config(webhook, triggers));

    private static long IdOf(DocSpaceConfigBody body) =>
        body.Id ?? throw new WebhookValidationException("id", "required", "The id of the webhook is required.");

    private static string? Person(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? user.Identity?.Name;
}
