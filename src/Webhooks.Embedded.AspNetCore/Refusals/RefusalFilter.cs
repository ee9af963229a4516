using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>The one place where failures become answers in the shape of an API. Clients get words, never a stack trace.</summary>
internal sealed partial class RefusalFilter(RefusalShape shape) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer, and nothing failed.
            return Results.Empty;
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Whatever it is: the host's developer page would show the stack, and its error page would be HTML.
            return exception switch
            {
                RefusedException refused => shape.Refuse(refused.Status, refused.Message),
                ProblemException { Problem: { Status: StatusCodes.Status400BadRequest } refused } =>
                    shape.Refuse(http, [new WebhookFieldError("body", refused.Code, refused.Detail)]),
                ProblemException refused => shape.Refuse(refused.Problem.Status, refused.Problem.Detail),
                WebhookValidationException invalid => shape.Refuse(http, invalid.Errors),
                WebhookChangedException => shape.Refuse(StatusCodes.Status409Conflict, "Others keep changing the webhook. Try again."),
                BadHttpRequestException bad => shape.Refuse(bad.StatusCode, "The server refused the request or its body."),
                _ => Fault(http, exception),
            };
        }
    }

    private IResult Fault(HttpContext http, Exception exception)
    {
        var logger = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RefusalFilter).FullName!);
        Log.Failed(logger, exception, http.Request.Method, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, http.TraceIdentifier);
        return exception is WebhookStoreException { IsTransient: true }
            ? shape.Refuse(StatusCodes.Status503ServiceUnavailable, "The store is busy or out of reach. Try again later.")
            : shape.Refuse(StatusCodes.Status500InternalServerError, "Something went wrong on the server. Its log says what.");
    }

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Error, "{Method} {Route} failed ({TraceId}).", EventName = "VendorRequestFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, string? route, string traceId);
    }
}
