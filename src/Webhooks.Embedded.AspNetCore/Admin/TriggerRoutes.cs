using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class TriggerRoutes
{
    public static void MapTriggerRoutes(this RouteGroupBuilder api)
    {
        api.MapGet("triggers", List)
            .Described("ListTriggers", "Lists the catalogue of triggers, with examples and schemas of their payloads. It has one page.")
            .Answers<Page<TriggerResponse>>();
        api.MapGet("triggers/{name}", Find)
            .Described("GetTrigger", "The trigger of this name.")
            .Answers<TriggerResponse>().Refuses(404);
    }

    private static JsonHttpResult<Page<TriggerResponse>> List([FromServices] IWebhookTriggers triggers) =>
        TypedResults.Json(Page.Only(triggers.All.Select(TriggerResponse.Of)), AdminJson.Types.PageTriggerResponse);

    private static IResult Find([Description("The name, such as order.paid.")] string name, [FromServices] IWebhookTriggers triggers) =>
        triggers.TryFind(name, out var trigger)
            ? TypedResults.Json(TriggerResponse.Of(trigger), AdminJson.Types.TriggerResponse)
            : AdminProblems.NoTrigger();
}
