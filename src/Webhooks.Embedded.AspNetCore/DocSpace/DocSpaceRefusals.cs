using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Refusals as DocSpace has them: in its envelope.</summary>
internal sealed class DocSpaceRefusals : RefusalShape
{
    /// <summary>DocSpace answers 401 without a body.</summary>
    public override string? NotAuthenticated => null;

    public override string NotAuthorized => "Access denied";

    public override IResult Refuse(int status, string message) =>
        new DocSpaceAnswer<DocSpaceProblem>(new DocSpaceEnvelope<DocSpaceProblem> { Error = new DocSpaceError(message), StatusCode = status });

    // DocSpace answers some faults with `response.errors` and others with `error.message`; clients find both in either case.
    public override IResult Refuse(HttpContext context, IReadOnlyList<WebhookFieldError> errors)
    {
        var byField = errors.ToLookup(error => FieldOf(error.Field), error => error.Message);
        return new DocSpaceAnswer<DocSpaceProblem>(new DocSpaceEnvelope<DocSpaceProblem>
        {
            Response = new DocSpaceProblem
            {
                Errors = byField.ToDictionary(field => field.Key, field => field.ToArray()),
                TraceId = Activity.Current?.Id ?? context.TraceIdentifier,
            },
            Error = new DocSpaceError(string.Join(" ", byField.Select(field => $"{field.Key}: {string.Join(" ", field)}"))),
            StatusCode = StatusCodes.Status400BadRequest,
        });
    }

    /// <summary>The registry's words for fields, in those of this API.</summary>
    public override string FieldOf(string field) => field switch
    {
        "url" => "uri",
        "secret" => "secretKey",
        "target" => "targetId",
        "verifyTls" => "ssl",
        _ => field,
    };

    public static RefusedException NotFound() => new(StatusCodes.Status404NotFound, "The record could not be found.");

    /// <summary>Why a delivery cannot be retried; null where it can.</summary>
    public static RefusedException? Of(WebhookRetryResult result) => result switch
    {
        WebhookRetryResult.NotFound => NotFound(),
        WebhookRetryResult.WebhookDisabled => new(StatusCodes.Status403Forbidden, "The webhook is disabled. Enable it first."),
        WebhookRetryResult.WebhookDeleted => new(StatusCodes.Status403Forbidden, "The webhook was removed."),
        WebhookRetryResult.PayloadExpired => new(StatusCodes.Status403Forbidden, "The payload is no longer kept."),
        _ => null,
    };
}
