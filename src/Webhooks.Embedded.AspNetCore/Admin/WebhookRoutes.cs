using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static partial class WebhookRoutes
{
    private const long MaxOverlapSeconds = 7 * 24 * 60 * 60;
    private const int MaxReasonLength = 1000;
    private const int MaxRate = 10_000;

    // A stolen session of somebody who may see secrets is not to carry them all away before anybody reads the log.
    private const int MaxReveals = 10;

    public static void MapWebhookRoutes(this RouteGroupBuilder api, WebhookAdminOptions options)
    {
        api.MapGet("webhooks", ListAsync)
            .Described("ListWebhooks", "Lists webhooks in the order of their numbers.")
            .Answers<Page<WebhookResponse>>().Refuses(400);
        api.MapPost("webhooks", CreateAsync)
            .Described("CreateWebhook", "Registers a webhook. The answer shows its secret, once.")
            .Takes<CreateWebhookRequest>().Answers<WebhookWithSecretResponse>(201).Refuses(400, 413, 415);
        api.MapGet("webhooks/{id}", FindAsync)
            .Described("GetWebhook", "The webhook with this number or UUID.")
            .Answers<WebhookResponse>().Refuses(404);
        api.MapPatch("webhooks/{id}", ChangeAsync)
            .Described("ChangeWebhook", "Changes what is given of a webhook; the rest stays. With If-Match, only if it still has that version.")
            .Takes<ChangeWebhookRequest>().Answers<WebhookResponse>().Refuses(400, 404, 412, 413, 415);
        api.MapDelete("webhooks/{id}", DeleteAsync)
            .Described("DeleteWebhook", "Deletes a webhook and its secrets, and cancels its unfinished deliveries.")
            .Produces(204).Refuses(404);
        api.MapPost("webhooks/{id}/enable", EnableAsync)
            .Described("EnableWebhook", "Enables a webhook, and sends what was parked if asked to: by an operation at a rate, whose id is in the answer. Default: 50 a second.")
            .Takes<EnableWebhookRequest>(optional: true).Answers<WebhookResponse>().Refuses(400, 404, 413, 415);
        api.MapPost("webhooks/{id}/disable", DisableAsync)
            .Described("DisableWebhook", "Disables a webhook and parks its unfinished deliveries.")
            .Takes<DisableWebhookRequest>(optional: true).Answers<WebhookResponse>().Refuses(400, 404, 413, 415);
        api.MapPost("webhooks/{id}/rotate-secret", RotateSecretAsync)
            .Described("RotateWebhookSecret", "Gives a webhook a new secret, shown once. The old one signs too until its overlap ends.")
            .Takes<RotateSecretRequest>(optional: true).Answers<WebhookWithSecretResponse>().Refuses(400, 404, 413, 415);
        api.MapPost("webhooks/{id}/revoke-secrets", SecretInfoRoutes.RevokeAsync)
            .Described("RevokeWebhookSecrets", "Erases the secrets that sign beside the current one until their overlap ends, at once.")
            .Answers<WebhookResponse>().Refuses(404, 415);
        api.MapGet("webhooks/{id}/secrets", SecretInfoRoutes.ListAsync)
            .Described("ListWebhookSecrets", "Lists the secrets that sign at this moment, the newest first: since and until when, not the secrets themselves. It has one page.")
            .Answers<Page<SecretInfoResponse>>().Refuses(404);
        api.MapPost("webhooks/{id}/reveal-secrets", RevealSecretsAsync)
            .Described("RevealWebhookSecrets", "Shows the secrets that sign at this moment, the newest first. It has a policy of its own, is logged, and a caller may ask 10 times a minute.")
            .Answers<SecretsResponse>().Refuses(404, 409, 415, 429)
            .OnlyIfRevealIsAsked(options)
            .WithMetadata(new Allowance<string>(MaxReveals, ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<TimeProvider>()));
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        [AsParameters] WebhookListParameters parameters,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        QueryNames.Check<WebhookListParameters>(context);
        var page = await scope.Registry.ListAsync(parameters.ToQuery(scope), cancellationToken);
        PageLinks.AddNext(context, page.Next);
        var warnings = WebhookWarnings.In(context);
        return TypedResults.Json(page.To(webhook => WebhookResponse.Of(webhook, warnings)), AdminJson.Types.PageWebhookResponse);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.CreateWebhookRequest);
        var created = await scope.Registry.CreateAsync(request.ToSettings(scope.TenantOf(request.Tenant), createdBy: NameOf(context.User)), cancellationToken);
        PageLinks.AddLocation(context, "webhooks", $"{created.Webhook.Id}");
        WebhookVersion.Show(context, created.Webhook.Version);
        return TypedResults.Json(WebhookWithSecretResponse.Of(created, WebhookWarnings.In(context)), AdminJson.Types.WebhookWithSecretResponse, statusCode: 201);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
        Answer(context, await scope.Registry.FindWebhookAsync(id, cancellationToken));

    private static async Task<IResult> ChangeAsync(
        HttpContext context,
        [Description(Ids.WebhookId)] string id,
        [FromHeader(Name = "If-Match"), Description("The ETag that the webhook came with, or * for any. Default: any.")] string? ifMatch,
        WebhookScope scope,
        CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadAsync(context, AdminJson.Types.ChangeWebhookRequest);
        var registry = scope.Registry;
        if (WebhookVersion.Wanted(ifMatch) is not { } isWanted)
        {
            return Answer(context, await registry.ChangeLatestAsync(
                () => registry.FindWebhookAsync(id, cancellationToken),
                current => Task.FromResult(request.ApplyTo(current.ToSettings())),
                cancellationToken));
        }

        var webhook = await registry.FindWebhookAsync(id, cancellationToken);
        return webhook is null ? Answer(context, webhook)
            : !isWanted(webhook.Version) ? AdminProblems.VersionMismatch(webhook.Version)
            : Answer(context, await registry.ChangeAsync(webhook.Id, request.ApplyTo(webhook.ToSettings()), webhook.Version, cancellationToken));
    }

    private static async Task<IResult> DeleteAsync([Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        var deleted = webhook is null ? null : await scope.Registry.DeleteAsync(webhook.Id, cancellationToken);
        return deleted is null ? AdminProblems.NotFound("webhook") : TypedResults.NoContent();
    }

    private static async Task<IResult> EnableAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadOrDefaultAsync(context, AdminJson.Types.EnableWebhookRequest);
        if (request.Rate is < 1 or > MaxRate)
        {
            throw new WebhookValidationException("rate", "out_of_range", $"It is {request.Rate}; it must be from 1 to {MaxRate} a second.");
        }

        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        var enabled = webhook is null ? null : await scope.Registry.EnableAsync(webhook.Id, cancellationToken: cancellationToken);
        if (enabled is null || !request.SendParked)
        {
            return Answer(context, enabled);
        }

        // If the process dies here, the webhook is enabled and what was parked stays so; to ask once more does the rest.
        var options = new WebhookOperationOptions { CreatedBy = NameOf(context.User) };
        var operation = await scope.Operations.StartAsync(
            WebhookOperationKind.Retry,
            new WebhookDeliveryQuery { WebhookId = enabled.Id, Statuses = [WebhookDeliveryStatus.Parked] },
            options with { Rate = request.Rate ?? options.Rate },
            cancellationToken);
        WebhookVersion.Show(context, enabled.Version);
        return TypedResults.Json(WebhookResponse.Of(enabled, WebhookWarnings.In(context)) with { OperationId = operation.Id }, AdminJson.Types.WebhookResponse);
    }

    private static async Task<IResult> DisableAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadOrDefaultAsync(context, AdminJson.Types.DisableWebhookRequest);
        if (request.Reason?.Length > MaxReasonLength)
        {
            throw new WebhookValidationException(
                "reason", "too_long", $"It has {request.Reason.Length} characters; at most {MaxReasonLength} are allowed.");
        }

        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        return Answer(context, webhook is null ? null : await scope.Registry.DisableAsync(webhook.Id, request.Reason, cancellationToken));
    }

    private static async Task<IResult> RotateSecretAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadOrDefaultAsync(context, AdminJson.Types.RotateSecretRequest);
        if (request.OverlapSeconds is < 0 or > MaxOverlapSeconds)
        {
            throw new WebhookValidationException(
                "overlapSeconds", "out_of_range", $"Must be a whole number from 0 to {MaxOverlapSeconds}, which is 7 days.");
        }

        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        TimeSpan? overlap = request.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var rotated = webhook is null ? null : await scope.Registry.RotateSecretAsync(webhook.Id, request.Secret, overlap, cancellationToken);
        if (rotated is null)
        {
            return AdminProblems.NotFound("webhook");
        }

        WebhookVersion.Show(context, rotated.Webhook.Version);
        return TypedResults.Json(WebhookWithSecretResponse.Of(rotated, WebhookWarnings.In(context)), AdminJson.Types.WebhookWithSecretResponse);
    }

    [RevealsSecrets]
    private static async Task<IResult> RevealSecretsAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, [FromServices] ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (await scope.Registry.FindWebhookAsync(id, cancellationToken) is not { } webhook)
        {
            return AdminProblems.NotFound("webhook");
        }

        var (person, name) = (context.User.FindFirstValue(ClaimTypes.NameIdentifier), NameOf(context.User));
        if (context.GetEndpoint()?.Metadata.GetMetadata<Allowance<string>>()?.TryTake($"{scope.Tenant}\n{person ?? name}", out var wait) == false)
        {
            return AdminProblems.TooManyReveals(context, MaxReveals, wait);
        }

        if (await scope.Registry.RevealSecretsAsync(webhook.Id, cancellationToken) is not { } secrets)
        {
            return AdminProblems.NotFound("webhook");
        }

        // Before they are sent, so that none is shown without a line.
        Log.Revealed(loggers.CreateLogger(typeof(WebhookRoutes).FullName!), webhook.Id, name ?? person);
        return TypedResults.Json(new SecretsResponse { Id = webhook.Id, Secrets = secrets }, AdminJson.Types.SecretsResponse);
    }

    private static string? NameOf(ClaimsPrincipal caller) =>
        string.IsNullOrWhiteSpace(caller.Identity?.Name) ? null : caller.Identity.Name;

    internal static IResult Answer(HttpContext context, Webhook? webhook)
    {
        if (webhook is null)
        {
            return AdminProblems.NotFound("webhook");
        }

        WebhookVersion.Show(context, webhook.Version);
        return TypedResults.Json(WebhookResponse.Of(webhook, WebhookWarnings.In(context)), AdminJson.Types.WebhookResponse);
    }

    private static partial class Log
    {
        [LoggerMessage(5002, LogLevel.Information, "The secrets of webhook {WebhookId} were shown to {Caller}.", EventName = "SecretsRevealed")]
        public static partial void Revealed(ILogger logger, long webhookId, string? caller);
    }
}
