using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace QuickStart;

/// <summary><c>/sink/{name}</c>: POST receives, GET shows what came, PUT sets what is answered and verified with.</summary>
internal sealed class SinkRoutes(string secret)
{
    private const int LongestDelayMs = 600_000;

    // Bodies are JSON inside of JSON; escaped the strict way nobody could read them.
    private static readonly JsonSerializerOptions Readable =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<string, Sink> _sinks = new();

    public void Map(IEndpointRouteBuilder routes, string pattern)
    {
        routes.MapPost(pattern, Receive);
        routes.MapGet(pattern, Show);
        routes.MapPut(pattern, Change);
    }

    private async Task<IResult> Receive(string name, HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);

        var sink = Find(name);
        var received = sink.Receive(body.ToArray(), request.Headers);
        var (status, delayMs) = sink.Answer;
        await Task.Delay(delayMs, cancellationToken);
        return status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified
            ? Results.StatusCode(status)
            : Results.Text($"Request {received.Number} of sink '{name}'. {received.Reason}", statusCode: status);
    }

    private IResult Show(string name) => Results.Json(Find(name).Show(), Readable);

    private IResult Change(string name, SinkChange change)
    {
        if (change.Status is < 200 or > 599 || change.DelayMs is < 0 or > LongestDelayMs)
        {
            return Results.Problem(
                $"status must be from 200 to 599, delayMs from 0 to {LongestDelayMs}.", statusCode: StatusCodes.Status400BadRequest);
        }

        try
        {
            var sink = Find(name);
            sink.Change(change);
            return Results.Json(sink.Answer, Readable);
        }
        catch (ArgumentException exception)
        {
            // The verifier's word on a secret that cannot be one.
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private Sink Find(string name) => _sinks.GetOrAdd(name, _ => new Sink(secret));
}

/// <summary>Maps <see cref="SinkRoutes"/>.</summary>
internal static class SinkRouting
{
    public static void MapSink(this IEndpointRouteBuilder routes, string pattern, string secret) => new SinkRoutes(secret).Map(routes, pattern);
}
