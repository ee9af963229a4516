using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Webhooks.Embedded;

namespace QuickStart;

/// <summary>Says as Problem Details what an app's callers should know of the exceptions that publishing throws.</summary>
internal sealed class Problems : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            WebhookValidationException e => Results.ValidationProblem(
                e.Errors.GroupBy(error => error.Field).ToDictionary(field => field.Key, field => field.Select(error => error.Message).ToArray()),
                detail: e.Message),
            WebhookIdempotencyConflictException e => Results.Problem(e.Message, statusCode: StatusCodes.Status409Conflict),
            WebhookStoreException { IsTransient: true } e => Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable),
            BadHttpRequestException e => Results.Problem(e.Message, statusCode: e.StatusCode),
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        if (exception is WebhookStoreException)
        {
            httpContext.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        }

        await problem.ExecuteAsync(httpContext);
        return true;
    }
}

/// <summary>Adds <see cref="Problems"/>.</summary>
internal static class ProblemServices
{
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<Problems>();

        // By default a body that cannot be bound throws in Development only; so it gets the same answer everywhere.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }
}
