using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class TriggerRoutes
{
    public static void MapTriggerRoutes(this RouteGroupBuilder api) =>
        api.MapGet("triggers", List)
            .Described("ListTriggers", "Lists the catalogue of triggers. It has one page.")
            .Answers<Page<TriggerResponse>>();

    private static JsonHttpResult<Page<TriggerResponse>> List([FromServices] IWebhookTriggers triggers) =>
        TypedResults.Json(Page.Only(triggers.All.Select(TriggerResponse.Of)), AdminJson.Types.PageTriggerResponse);
}
