using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class SendRoutes
{
    // A receiver is not to be flooded by whoever finds the button.
    private const int MaxTests = 10;

    public static void MapSendRoutes(this RouteGroupBuilder api)
    {
        var allowance = new Allowance<long>(MaxTests, ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<TimeProvider>());
        api.MapPost("webhooks/{id}/test", (HttpContext context, [Description(Ids.WebhookId)] string id, WebhookScope scope, CancellationToken cancellationToken) =>
                TestAsync(context, id, scope, allowance, cancellationToken))
            .Described("TestWebhook", "Publishes a test event for this webhook alone, at most 10 a minute.")
            .Takes<SendTestRequest>(optional: true).Answers<WebhookTestResponse>(202).Refuses(400, 404, 409, 413, 415, 429);
        api.MapPost("events/{id}/send", SendAsync)
            .Described("SendEvent", "Sends an event again, to one webhook or to all that have it, and says what became of each.")
            .Takes<SendEventRequest>(optional: true).Answers<Page<SendingResponse>>().Refuses(400, 404, 413, 415);
    }

    private static async Task<IResult> TestAsync(
        HttpContext context, string id, WebhookScope scope, Allowance<long> allowance, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadOrDefaultAsync(context, AdminJson.Types.SendTestRequest);
        if (await scope.Registry.FindWebhookAsync(id, cancellationToken) is not { } webhook)
        {
            return AdminProblems.NotFound("webhook");
        }

        if (!allowance.TryTake(webhook.Id, out var wait))
        {
            return AdminProblems.TooManyTests(context, MaxTests, wait);
        }

        var test = await scope.Events.SendTestAsync(webhook.Id, request.Trigger, cancellationToken);
        return test is null
            ? AdminProblems.NotFound("webhook")
            : TypedResults.Json(WebhookTestResponse.Of(test), AdminJson.Types.WebhookTestResponse, statusCode: 202);
    }

    private static async Task<IResult> SendAsync(HttpContext context, [Description(Ids.EventId)] string id, WebhookScope scope, CancellationToken cancellationToken)
    {
        var request = await RequestBody.ReadOrDefaultAsync(context, AdminJson.Types.SendEventRequest);
        if (!Ids.TryUuid(id, out var uuid))
        {
            return AdminProblems.NotFound("event");
        }

        var webhookId = await WebhookAsync(request.Webhook, scope, cancellationToken);
        return await scope.Events.SendAgainAsync(uuid, webhookId, cancellationToken) is { } sendings
            ? TypedResults.Json(Page.Only(sendings.Select(SendingResponse.Of)), AdminJson.Types.PageSendingResponse)
            : AdminProblems.NotFound("event");
    }

    /// <summary>The number of the webhook that a body names; null where it names none.</summary>
    private static async Task<long?> WebhookAsync(JsonElement named, WebhookScope scope, CancellationToken cancellationToken)
    {
        var id = named.ValueKind switch
        {
            JsonValueKind.Undefined => null,
            // As it is written: no id needs an escape, and half of a surrogate pair could not be read.
            JsonValueKind.Number or JsonValueKind.String => named.GetRawText().Trim('"'),
            _ => throw new WebhookValidationException("webhook", "wrong_type", "Give the number or the UUID of a webhook, or leave it out."),
        };
        if (id is null)
        {
            return null;
        }

        return await scope.Registry.FindWebhookAsync(id, cancellationToken) is { } webhook
            ? webhook.Id
            : throw new WebhookValidationException("webhook", "unknown_webhook", "There is no webhook with this number or UUID.");
    }
}
