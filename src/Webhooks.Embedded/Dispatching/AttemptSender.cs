using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Egress;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Sends one request and takes what is kept of the answer. Whatever happens becomes an <see cref="Answer"/>; nothing is thrown.</summary>
internal sealed partial class AttemptSender : IDisposable
{
    private const int MaxBodyBytes = 16 * 1024;
    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _client;
    private readonly StoreClock _clock;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    public AttemptSender(IHttpMessageHandlerFactory handlers, StoreClock clock, ILogger<AttemptSender> logger)
    {
        _client = new HttpMessageInvoker(handlers.CreateHandler(WebhookHttpClient.Name), disposeHandler: false);
        _clock = clock;
        _timeProvider = clock.TimeProvider;
        _logger = logger;
    }

    /// <param name="url">Where to.</param>
    /// <param name="headers">The request's headers, the content type among them.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="timeout">For all from name resolution to the last of the response's headers.</param>
    /// <param name="stopping">Aborts the request, when the host's time for stopping is over.</param>
    public async Task<Answer> SendAsync(
        Uri url, KeyValuePair<string, string>[] headers, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            using var request = Request(url, headers, body);
            using var response = await _client.SendAsync(request, either.Token);

            var statusCode = (int)response.StatusCode;
            var (outcome, error) = AttemptClassifier.Classify(statusCode, response.Headers.Location);
            var (content, isTruncated) = await ReadBodyAsync(response.Content, stopping);

            // A date is meant by the time that all nodes agree on, not by this node's clock.
            var retryAfter = RetryAfter.Read(response.Headers, DateTimeOffset.FromUnixTimeMilliseconds(_clock.Now));
            return new Answer
            {
                Outcome = outcome,
                StatusCode = statusCode,
                Error = error,
                RetryAfter = retryAfter,
                Headers = HeaderLines.Write(response.Headers.Concat(response.Content.Headers)),
                Body = content,
                IsTruncated = isTruncated,
            };
        }
        catch (Exception exception)
        {
            // Whatever failed is the attempt's outcome, which the log shows.
            var (outcome, error) = AttemptClassifier.Classify(exception, deadline.IsCancellationRequested);
            if (outcome == WebhookAttemptOutcome.Internal)
            {
                LogInternalError(exception);
            }

            return new Answer { Outcome = outcome, Error = error };
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage Request(Uri url, KeyValuePair<string, string>[] headers, ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        foreach (var (name, value) in headers)
        {
            if (string.Equals(name, "Content-Type", StringComparison.Ordinal))
            {
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(value);
            }
            else
            {
                // Checked where they were made: a profile's value need not be what the framework takes for the right form of its header.
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>The beginning of the body, for the log. However slow, large or broken it is, the outcome stands.</summary>
    private async Task<(byte[] Body, bool IsTruncated)> ReadBodyAsync(HttpContent content, CancellationToken stopping)
    {
        if (content.Headers.ContentLength == 0)
        {
            return ([], false);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxBodyBytes + 1);
        var length = 0;
        try
        {
            using var deadline = new CancellationTokenSource(BodyTimeout, _timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
            await using var stream = await content.ReadAsStreamAsync(either.Token);
            while (length <= MaxBodyBytes)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length, MaxBodyBytes + 1 - length), either.Token);
                if (read == 0)
                {
                    return (buffer[..length], false);
                }

                length += read;
            }

            return (buffer[..MaxBodyBytes], true);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The headers have decided; what was read until it broke is shown as cut off.
            return (buffer[..Math.Min(length, MaxBodyBytes)], true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [LoggerMessage(2201, LogLevel.Error, "An attempt failed in a way that is not the receiver's fault", EventName = "AttemptInternalError")]
    private partial void LogInternalError(Exception exception);
}

/// <summary>What came of a request.</summary>
internal sealed class Answer
{
    public required WebhookAttemptOutcome Outcome { get; init; }

    public int? StatusCode { get; init; }

    public string? Error { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public string? Headers { get; init; }

    public byte[]? Body { get; init; }

    public bool IsTruncated { get; init; }
}
