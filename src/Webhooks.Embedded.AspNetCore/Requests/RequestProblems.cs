using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>Why a request is refused before any route looks into it. Each API says it in its own shape.</summary>
internal static class RequestProblems
{
    public static Problem MalformedJson(string message) =>
        Problem.Of(StatusCodes.Status400BadRequest, "malformed_json", "The body is not JSON", message) with
        {
            Errors = ByField([new WebhookFieldError("body", "malformed_json", message)]),
        };

    public static Problem BodyTooLarge(int limit) => Problem.Of(
        StatusCodes.Status413PayloadTooLarge, "body_too_large", "The body is too large", $"The body may have {limit} bytes at most.");

    public static Problem UnsupportedMediaType() => Problem.Of(
        StatusCodes.Status415UnsupportedMediaType,
        "unsupported_media_type",
        "The body is not declared as JSON",
        "Send JSON in UTF-8, not compressed, with the header 'Content-Type: application/json'.");

    public static Problem CrossSiteRequest() => Problem.Of(
        StatusCodes.Status403Forbidden,
        "cross_site_request",
        "Sent by another site",
        "Browsers may change things here only from pages of this very origin.");

    /// <summary>What is wrong with which field.</summary>
    public static Dictionary<string, IReadOnlyList<ProblemError>> ByField(IReadOnlyList<WebhookFieldError> errors) => errors
        .GroupBy(error => error.Field, StringComparer.Ordinal)
        .ToDictionary(
            field => field.Key,
            IReadOnlyList<ProblemError> (field) => [.. field.Select(error => new ProblemError(error.Code, error.Message))],
            StringComparer.Ordinal);
}
