using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>What OpenAPI documents say of a route.</summary>
internal static class RouteDescriptions
{
    public static RouteHandlerBuilder Described(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName($"Webhooks_{name}").WithSummary(summary);

    // Without content types: with them, routing itself would answer 415, and without a body.
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route, bool optional = false) =>
        route.WithMetadata(new AcceptsMetadata([], typeof(T), optional));

    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status, "application/json");

    /// <summary>What any route may answer: who calls is not known, or not let in; a fault of ours; a store that is away.</summary>
    public static RouteGroupBuilder RefusesAnywhere(this RouteGroupBuilder group) => group.RefusesAnywhere(typeof(Problem), Problem.ContentType);

    /// <inheritdoc cref="RefusesAnywhere(RouteGroupBuilder)"/>
    public static RouteGroupBuilder RefusesAnywhere(this RouteGroupBuilder group, Type refusal, string contentType)
    {
        // What a 401 looks like is for the host's authentication.
        group.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status401Unauthorized, typeof(void)));
        foreach (var status in new[] { StatusCodes.Status403Forbidden, StatusCodes.Status500InternalServerError, StatusCodes.Status503ServiceUnavailable })
        {
            group.WithMetadata(new ProducesResponseTypeMetadata(status, refusal, [contentType]));
        }

        return group;
    }

    /// <summary>Parts of the path that are read by filters rather than by the handlers, whose parameters alone would be described.</summary>
    /// <param name="group">The routes.</param>
    /// <param name="described">Has the parts as its parameters. It is never called.</param>
    public static RouteGroupBuilder TakesInPath(this RouteGroupBuilder group, Delegate described)
    {
        foreach (var part in described.Method.GetParameters())
        {
            group.WithMetadata(new PathPart(part));
        }

        return group;
    }

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, Problem.ContentType);
        }

        return route;
    }

    private sealed class PathPart(ParameterInfo parameter) : IParameterBindingMetadata
    {
        public string Name => parameter.Name!;

        public bool HasTryParse => false;

        public bool HasBindAsync => false;

        public ParameterInfo ParameterInfo => parameter;

        public bool IsOptional => false;
    }
}
