using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.EndToEndTests;

/// <summary>A receiver in the test's own process: it records and verifies what comes, and answers by a script. It outlives the senders that a test kills.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly WebhookVerifier Verifier = new([Secret]);

    private readonly ConcurrentQueue<Received> _requests = new();
    private readonly WebApplication _app;
    private int _underWay;

    private Receiver(WebApplication app) => _app = app;

    /// <summary>What to answer. Default: 200 at once.</summary>
    public Func<Received, Answer> Script { get; set; } = _ => new Answer(200);

    /// <summary>What to do before a request's body is read. Default: nothing.</summary>
    public Func<HttpRequest, Task> BeforeBody { get; set; } = _ => Task.CompletedTask;

    /// <summary>A cookie to set with every answer. Default: none.</summary>
    public string? Cookie { get; set; }

    public string Url => $"{_app.Urls.Single()}/in";

    /// <summary>The URL for one of several webhooks; its requests say so (<see cref="Received.Webhook"/>).</summary>
    public string UrlFor(string webhook) => $"{Url}/{webhook}";

    /// <summary>Every request, in the order in which they came.</summary>
    public IReadOnlyCollection<Received> Requests => _requests;

    /// <summary>How many requests came and are not answered yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.MapPost("/in/{webhook?}", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await BeforeBody(context.Request);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var request = Received.From(context.Request, body.ToArray(), Verifier);
            _requests.Enqueue(request);

            var answer = Script(request);
            await Task.Delay(answer.Delay, context.RequestAborted);
            await answer.Until.WaitAsync(context.RequestAborted);
            request.Status = answer.Status;
            if (Cookie is not null)
            {
                context.Response.Headers.SetCookie = Cookie;
            }

            if (answer.RetryAfter is not null)
            {
                context.Response.Headers.RetryAfter = answer.RetryAfter;
            }

            context.Response.StatusCode = answer.Status;
        }
        catch (Exception e) when (e is OperationCanceledException or BadHttpRequestException or IOException)
        {
            // The sender is gone, as some tests want it.
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}

/// <param name="Status">The status to answer.</param>
/// <param name="Delay">After how long.</param>
internal sealed record Answer(int Status, TimeSpan Delay = default)
{
    /// <summary>The header of that name. Default: none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>What to wait for before answering.</summary>
    public Task Until { get; init; } = Task.CompletedTask;
}

/// <summary>One request as it came.</summary>
internal sealed record Received(
    string Webhook, Guid Id, long Timestamp, string Signature, string Trigger, byte[] Body, IHeaderDictionary Headers, WebhookVerification Verification)
{
    private volatile int _status;

    /// <summary>When it had come, body included.</summary>
    public DateTimeOffset At { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>What is answered; zero before it is, and for good where the sender was gone by then.</summary>
    public int Status
    {
        get => _status;
        set => _status = value;
    }

    public string Text => Encoding.UTF8.GetString(Body);

    public static Received From(HttpRequest request, byte[] body, WebhookVerifier verifier) => new(
        request.RouteValues["webhook"] as string ?? "",
        Guid.Parse(request.Headers["webhook-id"].ToString()),
        long.Parse(request.Headers["webhook-timestamp"].ToString()),
        request.Headers["webhook-signature"].ToString(),
        request.Headers["webhook-trigger"].ToString(),
        body,
        new HeaderDictionary(request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
        verifier.Verify(body, request.Headers));
}
