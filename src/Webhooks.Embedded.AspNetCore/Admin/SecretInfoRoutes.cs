using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>What may be seen of secrets without seeing them, and an end to those of before.</summary>
internal static class SecretInfoRoutes
{
    public static async Task<IResult> ListAsync(
        [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        var secrets = webhook is null ? null : await scope.Registry.ListSecretsAsync(webhook.Id, cancellationToken);
        return secrets is null
            ? AdminProblems.NotFound("webhook")
            : TypedResults.Json(Page.Only(secrets.Select(SecretInfoResponse.Of)), AdminJson.Types.PageSecretInfoResponse);
    }

    public static async Task<IResult> RevokeAsync(
        HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var webhook = await scope.Registry.FindWebhookAsync(id, cancellationToken);
        return WebhookRoutes.Answer(context, webhook is null ? null : await scope.Registry.RevokeSecretsAsync(webhook.Id, cancellationToken));
    }
}
