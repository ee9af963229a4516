using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Admin;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>The one place where failures become answers of this API. Clients get words, never a stack trace.</summary>
internal sealed partial class DocSpaceErrors(ILogger<DocSpaceErrors> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (WebhookValidationException e)
        {
            return Invalid(context.HttpContext, e.Errors);
        }
        catch (ProblemException e) when (e.Problem.Status == StatusCodes.Status400BadRequest)
        {
            return Invalid(context.HttpContext, [new WebhookFieldError("body", e.Problem.Code, e.Problem.Detail)]);
        }
        catch (ProblemException e)
        {
            return Refused(e.Problem.Status, e.Problem.Detail);
        }
        catch (BadHttpRequestException e)
        {
            return Refused(e.StatusCode, e.Message);
        }
        catch (WebhookStoreException e) when (e.IsTransient)
        {
            Log.Failed(logger, e, context.HttpContext.TraceIdentifier);
            return Refused(StatusCodes.Status503ServiceUnavailable, "The store is busy or out of reach. Try again.");
        }
        catch (OperationCanceledException) when (context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer, and nothing failed.
            return DocSpaceAnswer.Nothing;
        }
        catch (Exception e)
        {
            // Whatever else it is, the client expects this API's envelope. The log has the whole story.
            Log.Failed(logger, e, context.HttpContext.TraceIdentifier);
            return Refused(StatusCodes.Status500InternalServerError, "Something went wrong on the server. Its log says what.");
        }
    }

    public static IResult NoTenant() => Refused(StatusCodes.Status403Forbidden, "Access denied");

    public static IResult NotFound() => Refused(StatusCodes.Status404NotFound, "The record could not be found.");

    /// <summary>Why a delivery cannot be retried; null where it can.</summary>
    public static IResult? Of(WebhookRetryResult result) => result switch
    {
        WebhookRetryResult.NotFound => NotFound(),
        WebhookRetryResult.WebhookDisabled => Refused(StatusCodes.Status403Forbidden, "The webhook is disabled. Enable it first."),
        WebhookRetryResult.WebhookDeleted => Refused(StatusCodes.Status403Forbidden, "The webhook was removed."),
        WebhookRetryResult.PayloadExpired => Refused(StatusCodes.Status403Forbidden, "The payload is no longer kept."),
        _ => null,
    };

    private static DocSpaceAnswer<DocSpaceProblem> Refused(int statusCode, string message) =>
        new(new DocSpaceEnvelope<DocSpaceProblem> { Error = new DocSpaceError(message), StatusCode = statusCode });

    // DocSpace answers some faults with `response.errors` and others with `error.message`; clients find both in either case.
    private static DocSpaceAnswer<DocSpaceProblem> Invalid(HttpContext http, IReadOnlyList<WebhookFieldError> errors)
    {
        var byField = errors.ToLookup(error => DocSpaceConfigRules.FieldOf(error.Field), error => error.Message);
        return new(new DocSpaceEnvelope<DocSpaceProblem>
        {
            Response = new DocSpaceProblem
            {
                Errors = byField.ToDictionary(field => field.Key, field => field.ToArray()),
                TraceId = Activity.Current?.Id ?? http.TraceIdentifier,
            },
            Error = new DocSpaceError(string.Join(" ", byField.Select(field => $"{field.Key}: {string.Join(" ", field)}"))),
            StatusCode = StatusCodes.Status400BadRequest,
        });
    }

    private static partial class Log
    {
        [LoggerMessage(
            4201, LogLevel.Error, "A request to the DocSpace-shaped API failed ({TraceId}).", EventName = "DocSpaceRequestFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string traceId);
    }
}
