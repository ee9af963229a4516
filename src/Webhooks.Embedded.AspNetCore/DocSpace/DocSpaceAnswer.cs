using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Makes the answers of this API.</summary>
internal static class DocSpaceAnswer
{
    public static IResult Item<T>(HttpContext http, T item) =>
        new DocSpaceAnswer<T>(
            new DocSpaceEnvelope<T> { Response = item, Count = 1, Links = Links(http), StatusCode = StatusCodes.Status200OK });

    public static IResult List<T>(HttpContext http, IReadOnlyList<T> items, int? total = null) => new DocSpaceAnswer<IReadOnlyList<T>>(
        new DocSpaceEnvelope<IReadOnlyList<T>>
        {
            Response = items,
            Count = items.Count,
            Total = total,
            Links = Links(http),
            StatusCode = StatusCodes.Status200OK,
        });

    private static DocSpaceLink[] Links(HttpContext http) => [new(http.Request.GetEncodedUrl(), http.Request.Method)];
}

/// <summary>An answer in its envelope.</summary>
internal sealed class DocSpaceAnswer<T>(DocSpaceEnvelope<T> envelope) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => DocSpaceJson.WriteAsync(httpContext.Response, envelope);
}
