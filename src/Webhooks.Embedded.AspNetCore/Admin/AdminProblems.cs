using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Admin;

/// <summary>The one place where outcomes and exceptions become problems. None tells of code, statements or paths.</summary>
internal static partial class AdminProblems
{
    // Settings whose members say their unit.
    private static readonly Dictionary<string, string> JsonNames = new(StringComparer.Ordinal)
    {
        ["timeout"] = "timeoutSeconds",
        ["retryDelays"] = "retryDelaysSeconds",
    };

    public static Problem NotFound(string what) =>
        Problem.Of(StatusCodes.Status404NotFound, "not_found", "Not found", $"There is no {what} with this id.");

    public static Problem NoTrigger() =>
        Problem.Of(StatusCodes.Status404NotFound, "not_found", "Not found", "There is no trigger of this name.");

    public static Problem NoRoute(HttpContext context) => Problem.Of(
        StatusCodes.Status404NotFound,
        "no_route",
        "No such route",
        $"There is nothing here, or nothing that takes {context.Request.Method}.");

    public static Problem Validation(IReadOnlyList<WebhookFieldError> errors) =>
        Problem.Of(StatusCodes.Status400BadRequest, "validation_failed", "The input was refused", "See errors; nothing was changed.") with
        {
            Errors = RequestProblems.ByField([.. errors.Select(Named)]),
        };

    public static Problem NoTenant() => Problem.Of(
        StatusCodes.Status403Forbidden,
        "no_tenant",
        "No tenant",
        "The caller has no tenant, or more than one. The app says by UseTenants(…) how it is found, and by the option AllTenants of MapWebhookAdmin(…) who needs none.");

    public static Problem VersionMismatch(long version) => Problem.Of(
        StatusCodes.Status412PreconditionFailed,
        "version_mismatch",
        "Changed meanwhile",
        $"The webhook has version {version} now. Read it again, and send what you want to change with its new ETag.");

    public static Problem RevealClosed() => Problem.Of(
        StatusCodes.Status403Forbidden,
        "reveal_closed",
        "Secrets are not shown",
        "Secrets are shown to those alone whom the app's policy for that lets in. Name one: MapWebhookAdmin(prefix, o => o.RevealPolicy = \"…\"), "
        + "and leave .AllowAnonymous() away, which would let everybody past it.");

    public static Problem TooManyTests(HttpContext context, int limit, TimeSpan wait) => TooMany(
        context,
        wait,
        "too_many_tests",
        "Too many tests",
        $"A webhook is sent at most {limit} test events a minute. The header Retry-After says when the next one may be sent.");

    public static Problem TooManyReveals(HttpContext context, int limit, TimeSpan wait) => TooMany(
        context,
        wait,
        "too_many_reveals",
        "Too many secrets",
        $"A caller is shown the secrets of at most {limit} webhooks a minute. The header Retry-After says when the next may be shown.");

    public static Problem? NotRetried(WebhookRetryResult result) => result switch
    {
        WebhookRetryResult.Queued => null,
        WebhookRetryResult.NotFound => NotFound("delivery"),
        WebhookRetryResult.UnderWay => NotRetried("delivery_under_way", "An attempt is under way already."),
        WebhookRetryResult.WebhookDisabled => NotRetried("webhook_disabled", "The webhook is disabled. Enable it first."),
        WebhookRetryResult.WebhookDeleted => NotRetried("webhook_deleted", "The webhook was deleted, so that there is nowhere to send to."),
        WebhookRetryResult.PayloadExpired =>
            NotRetried("payload_expired", "The event's payload is no longer kept, so that there is nothing to send."),
        _ => throw new UnreachableException(),
    };

    public static Problem? NotCancelled(WebhookCancelResult result) => result switch
    {
        WebhookCancelResult.Cancelled => null,
        WebhookCancelResult.NotFound => NotFound("delivery"),
        WebhookCancelResult.UnderWay => Conflict("delivery_under_way", "Not cancelled", "An attempt is under way; it ends by itself."),
        WebhookCancelResult.AlreadyFinished => Conflict("delivery_finished", "Not cancelled", "The delivery is finished already."),
        _ => throw new UnreachableException(),
    };

    public static Problem OperationEnded() => Conflict("operation_ended", "Not cancelled", "The operation has ended already.");

    /// <summary>The filter of every admin route.</summary>
    public static async ValueTask<object?> CatchAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            return await next(invocation);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Whatever it is: the host's developer page would show the stack, and its error page would be HTML.
            return Of(exception, context);
        }
    }

    // A member of the registry's name is unknown here, and is told by the name it was sent with.
    private static WebhookFieldError Named(WebhookFieldError error) =>
        error.Code == "unknown_member" ? error : error with { Field = JsonNames.GetValueOrDefault(error.Field, error.Field) };

    private static Problem Of(Exception exception, HttpContext context)
    {
        switch (exception)
        {
            case ProblemException refused:
                return refused.Problem;
            case WebhookValidationException invalid:
                return Validation(invalid.Errors);
            case WebhookChangedException changed:
                return VersionMismatch(changed.Version);
            case WebhookIdempotencyConflictException conflict:
                return Conflict("idempotency_conflict", "The idempotency key is taken", conflict.Message);
            case WebhookOperationConflictException conflict:
                return Conflict("idempotency_conflict", "The idempotency key is taken", conflict.Message);
            case WebhookDisabledException disabled:
                return Conflict("webhook_disabled", "The webhook is disabled", disabled.Message);
            case WebhookSecretUnreadableException unreadable:
                return Conflict("secret_unreadable", "The secret cannot be read", unreadable.Message);
            case BadHttpRequestException bad:
                return Problem.Of(
                    bad.StatusCode, "bad_request", "The request could not be read", "The server refused the request or its body.");
        }

        var problem = exception is WebhookStoreException { IsTransient: true }
            ? Problem.Of(
                StatusCodes.Status503ServiceUnavailable,
                "store_unavailable",
                "The store is busy or out of reach",
                "Nothing was changed. Try again later.")
            : Problem.Of(
                StatusCodes.Status500InternalServerError,
                "internal_error",
                "Something went wrong here",
                "The log has the details under this traceId.");
        var traceId = Activity.Current?.Id ?? context.TraceIdentifier;
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AdminProblems).FullName!);
        Log.Failed(logger, exception, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, traceId);
        return problem with { TraceId = traceId };
    }

    private static Problem TooMany(HttpContext context, TimeSpan wait, string code, string title, string detail)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Problem.Of(StatusCodes.Status429TooManyRequests, code, title, detail);
    }

    private static Problem NotRetried(string code, string detail) => Conflict(code, "Not retried", detail);

    private static Problem Conflict(string code, string title, string detail) =>
        Problem.Of(StatusCodes.Status409Conflict, code, title, detail);

    private static partial class Log
    {
        [LoggerMessage(
            4001, LogLevel.Error, "{Method} {Route} failed; the caller was given trace id {TraceId}.", EventName = "AdminRequestFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string method, string? route, string traceId);
    }
}
