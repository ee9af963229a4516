using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// How an API says no: the JSON and the words that its clients know. It is metadata of the API's routes too, for those who refuse before a
/// route runs.
/// </summary>
internal abstract class RefusalShape
{
    /// <summary>What a caller who is not signed in is told; null where the API leaves that without words.</summary>
    public virtual string? NotAuthenticated => "Not authenticated";

    /// <summary>What a caller who may not do this is told.</summary>
    public virtual string NotAuthorized => "Not authorized";

    public abstract IResult Refuse(int status, string message);

    /// <summary>Refuses an input, with what is wrong with which field.</summary>
    public virtual IResult Refuse(HttpContext context, IReadOnlyList<WebhookFieldError> errors) =>
        Refuse(StatusCodes.Status400BadRequest, string.Join(" ", errors.Select(error => $"{FieldOf(error.Field)}: {error.Message}")));

    /// <summary>The registry's word for a field, in that of this API.</summary>
    public virtual string FieldOf(string field) => field;

    /// <summary>Refuses in the words of the route's API; writes nothing where the route has no API of its own shape.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status.</param>
    /// <param name="message">Says why, given the API.</param>
    /// <returns>Whether there is such an API, and it has words for this.</returns>
    public static async Task<bool> TryRefuseAsync(HttpContext context, int status, Func<RefusalShape, string?> message)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RefusalShape>() is not { } shape || message(shape) is not { } words)
        {
            return false;
        }

        AnswerHeaders.Set(context.Response);
        await shape.Refuse(status, words).ExecuteAsync(context);
        return true;
    }
}
