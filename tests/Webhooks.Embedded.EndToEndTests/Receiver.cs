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

    /// <summary>A cookie to set with every answer. Default: none.</summary>
    public string? Cookie { get; set; }

    public string Url => $"{_app.Urls.Single()}/in";

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
        app.MapPost("/in", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var request = Received.From(context.Request.Headers, body.ToArray(), Verifier);
            _requests.Enqueue(request);

            var answer = Script(request);
            await Task.Delay(answer.Delay, context.RequestAborted);
            if (Cookie is not null)
            {
                context.Response.Headers.SetCookie = Cookie;
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

internal sealed record Answer(int Status, TimeSpan Delay = default);

/// <summary>One request as it came.</summary>
internal sealed record Received(
    Guid Id, long Timestamp, string Signature, string Trigger, byte[] Body, IHeaderDictionary Headers, WebhookVerification Verification)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public static Received From(IHeaderDictionary headers, byte[] body, WebhookVerifier verifier) => new(
        Guid.Parse(headers["webhook-id"].ToString()),
        long.Parse(headers["webhook-timestamp"].ToString()),
        headers["webhook-signature"].ToString(),
        headers["webhook-trigger"].ToString(),
        body,
        new HeaderDictionary(headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
        verifier.Verify(body, headers));
}
