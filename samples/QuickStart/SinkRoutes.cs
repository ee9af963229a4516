using System.Text.Encodings.Web;
using System.Text.Json;

namespace QuickStart;

/// <summary><c>/sink/{name}</c>: POST receives, GET shows what came, PUT sets what is answered and verified with.</summary>
internal static class SinkRoutes
{
    private const int LongestDelayMs = 600_000;

    // Bodies are JSON inside of JSON; escaped the strict way nobody could read them.
    private static readonly JsonSerializerOptions Readable =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapSink(this IEndpointRouteBuilder routes, string pattern)
    {
        routes.MapPost(pattern, Receive);
        routes.MapGet(pattern, Show);
        routes.MapPut(pattern, Change);
    }

    private static async Task<IResult> Receive(HttpRequest request, Sinks sinks, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);

        var sink = sinks.At(request.Path);
        var received = await sink.ReceiveAsync(body.ToArray(), request.Headers, cancellationToken);
        var (status, delayMs, _) = sink.Settings;
        await Task.Delay(delayMs, cancellationToken);
        return status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified
            ? Results.StatusCode(status)
            : Results.Text($"Request {received.Number}. {received.Reason}", statusCode: status);
    }

    private static IResult Show(HttpRequest request, Sinks sinks) => Results.Json(sinks.At(request.Path).Show(), Readable);

    private static IResult Change(HttpRequest request, SinkChange change, Sinks sinks)
    {
        if (change.Status is < 200 or > 599 || change.DelayMs is < 0 or > LongestDelayMs)
        {
            return Refuse($"status must be from 200 to 599, delayMs from 0 to {LongestDelayMs}.");
        }

        try
        {
            var sink = sinks.At(request.Path);
            sink.Change(change);
            return Results.Json(sink.Show().Answers, Readable);
        }
        catch (ArgumentException exception)
        {
            // The verifier's word on a secret that cannot be one.
            return Refuse(exception.Message);
        }
    }

    private static IResult Refuse(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status400BadRequest);
}
