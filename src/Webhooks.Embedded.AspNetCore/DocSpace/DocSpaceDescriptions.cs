using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>What OpenAPI documents say of a route.</summary>
internal static class DocSpaceDescriptions
{
    private const string ContentType = "application/json";

    public static RouteHandlerBuilder Described(this RouteHandlerBuilder route, string name, string summary) => route
        .WithName($"DocSpaceWebhooks_{name}")
        .WithSummary(summary)
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status401Unauthorized, typeof(void)))
        .Refuses(403, 500, 503);

    // Without content types: with them, routing itself would answer 415, and without this API's envelope.
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route) => route.WithMetadata(new AcceptsMetadata([], typeof(T)));

    public static RouteHandlerBuilder AnswersOne<T>(this RouteHandlerBuilder route) =>
        route.Produces<DocSpaceEnvelope<T>>(StatusCodes.Status200OK, ContentType);

    public static RouteHandlerBuilder AnswersMany<T>(this RouteHandlerBuilder route) => route.AnswersOne<IReadOnlyList<T>>();

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<DocSpaceEnvelope<DocSpaceProblem>>(status, ContentType);
        }

        return route;
    }
}
