using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

internal static class OverviewRoutes
{
    public static void MapOverviewRoutes(this RouteGroupBuilder api) =>
        api.MapGet("overview", ReadAsync)
            .Described("GetOverview", "Figures of the last hour, day or week, the webhooks that fail most, and what is not finished.")
            .Answers<OverviewResponse>().Refuses(400);

    private static async Task<IResult> ReadAsync(
        HttpContext context, [AsParameters] OverviewParameters parameters, WebhookScope scope, CancellationToken cancellationToken)
    {
        QueryNames.Check<OverviewParameters>(context);
        var window = parameters.Window switch
        {
            null or "1h" => WebhookOverviewWindow.LastHour,
            "24h" => WebhookOverviewWindow.LastDay,
            "7d" => WebhookOverviewWindow.LastWeek,
            _ => throw new WebhookValidationException("window", "unknown_value", "Must be one of 1h, 24h, 7d."),
        };
        var overview = await scope.Overview.ReadAsync(window, cancellationToken);
        return TypedResults.Json(OverviewResponse.Of(overview), AdminJson.Types.OverviewResponse);
    }
}

internal sealed class OverviewParameters
{
    [FromQuery(Name = "window"), Description("1h by the minute, 24h or 7d by the hour. Default: 1h.")]
    public string? Window { get; set; }
}
