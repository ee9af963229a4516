using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Egress;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Telemetry;

namespace Webhooks.Embedded.Dispatching;

/// <summary>Sends the request of an attempt and takes what is kept of the answer. Whatever happens becomes an <see cref="Answer"/>; nothing is thrown.</summary>
internal sealed partial class AttemptSender : IDisposable
{
    // More than can be under way at once by default; more of them are made and dropped.
    private const int MaxKeptDeadlines = 256;

    private readonly HttpMessageInvoker _client;
    private readonly ConcurrentQueue<AttemptDeadline> _deadlines = [];
    private readonly ConcurrentDictionary<long, bool> _loggedAsUnverified = new();
    private readonly StoreClock _clock;
    private readonly LiveOptions _options;
    private readonly WebhookMetrics _metrics;
    private readonly ILogger _logger;

    public AttemptSender(
        IHttpMessageHandlerFactory handlers, StoreClock clock, LiveOptions options, WebhookMetrics metrics, ILogger<AttemptSender> logger)
    {
        _client = new HttpMessageInvoker(handlers.CreateHandler(WebhookHttpClient.Name), disposeHandler: false);
        _clock = clock;
        _options = options;
        _metrics = metrics;
        _logger = logger;
    }

    /// <param name="webhook">Whom to, and whether certificates are verified.</param>
    /// <param name="headers">The request's headers, the content type among them.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="timeout">For all from name resolution to the last of the response's headers, a second connection included.</param>
    /// <param name="stopping">Aborts the request, when the host's time for stopping is over.</param>
    public async Task<Answer> SendAsync(
        KnownWebhook webhook, KeyValuePair<string, string>[] headers, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken stopping)
    {
        var deadline = Deadline(stopping);
        try
        {
            deadline.Set(timeout);
            return await SendAsync(webhook, headers, body, deadline);
        }
        finally
        {
            Keep(deadline, stopping);
        }
    }

    public void Dispose()
    {
        foreach (var deadline in _deadlines)
        {
            deadline.Dispose();
        }

        _client.Dispose();
    }

    private async Task<Answer> SendAsync(
        KnownWebhook webhook, KeyValuePair<string, string>[] headers, ReadOnlyMemory<byte> body, AttemptDeadline deadline)
    {
        var verifiesTls = VerifiesTls(webhook);
        for (var isReconnected = false; ; isReconnected = true)
        {
            var progress = new RequestProgress();
            try
            {
                using var request = Request(webhook.Url, headers, body);
                new ConnectionVariant(verifiesTls, IsKept: !isReconnected).SetOn(request);
                progress.Follow(request);
                return await ExchangeAsync(request, progress, isReconnected, deadline);
            }
            catch (HttpRequestException) when (!isReconnected && progress.IsUnansweredOnKeptConnection && !deadline.Token.IsCancellationRequested)
            {
                // The receiver had closed the connection before the request came, or is just doing so. That says nothing of the receiver, and
                // waiting for a retry would not tell more: the same request is sent once more, on a connection that nobody used before.
                LogReconnecting(webhook.Id);
                _metrics.Reconnected();
            }
            catch (Exception exception)
            {
                // Whatever failed is the attempt's outcome, which the log shows.
                var (outcome, error) = AttemptClassifier.Classify(exception, deadline.IsOver, progress.Stage);
                if (outcome == WebhookAttemptOutcome.Internal)
                {
                    LogInternalError(exception);
                }

                return new Answer
                {
                    Outcome = outcome,
                    Error = isReconnected ? $"{error} Before that it was sent on a kept connection, which was dead." : error,
                    IsReconnected = isReconnected,
                };
            }
        }
    }

    private async Task<Answer> ExchangeAsync(HttpRequestMessage request, RequestProgress progress, bool isReconnected, AttemptDeadline deadline)
    {
        Answer answer;
        using (var response = await _client.SendAsync(request, deadline.Token))
        {
            if (IsOfUncertainLength(response))
            {
                progress.Connection?.GiveUp();
            }

            var statusCode = (int)response.StatusCode;
            var (outcome, error) = AttemptClassifier.Classify(statusCode, LocationOf(response));

            // After another protocol's beginning there is no body.
            var content = outcome == WebhookAttemptOutcome.Protocol
                ? new ResponseBody([], IsTruncated: true)
                : await ResponseBody.ReadAsync(response.Content, deadline);
            answer = new Answer
            {
                Outcome = outcome,
                StatusCode = statusCode,
                Error = error,

                // A date is meant by the time that all nodes agree on, not by this node's clock.
                RetryAfter = RetryAfter.Read(response.Headers, DateTimeOffset.FromUnixTimeMilliseconds(_clock.Now)),
                Headers = HeaderLines.Write(response.Headers.NonValidated, response.Content.Headers.NonValidated),
                Body = content.Bytes,
                IsTruncated = content.IsTruncated,
                IsReconnected = isReconnected,
            };
        }

        if (progress.Connection is { } connection)
        {
            await connection.LeaveAsync();
        }

        return answer;
    }

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

    /// <summary>
    /// Two lengths, a length and chunks, or a length where there is no body: the handler goes by one of them, and what follows may be taken
    /// for the next answer.
    /// </summary>
    private static bool IsOfUncertainLength(HttpResponseMessage response)
    {
        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths))
        {
            return false;
        }

        return lengths.Count > 1
            || response.Headers.NonValidated.Contains("Transfer-Encoding")
            || (response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified && response.Content.Headers.ContentLength != 0);
    }

    private static string? LocationOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Location", out var values) ? values.ToString() : null;

    private AttemptDeadline Deadline(CancellationToken stopping)
    {
        while (_deadlines.TryDequeue(out var kept))
        {
            if (kept.TryReset(stopping))
            {
                return kept;
            }

            kept.Dispose();
        }

        return new AttemptDeadline(_clock.TimeProvider, stopping);
    }

    private void Keep(AttemptDeadline deadline, CancellationToken stopping)
    {
        // Reset now, so that its time does not end while nobody uses it.
        if (_deadlines.Count < MaxKeptDeadlines && deadline.TryReset(stopping))
        {
            _deadlines.Enqueue(deadline);
        }
        else
        {
            deadline.Dispose();
        }
    }

    /// <summary>A webhook can ask for its receiver's certificate not to be verified; whether that is done is up to the host.</summary>
    private bool VerifiesTls(KnownWebhook webhook)
    {
        if (webhook.VerifyTls || !_options.Current.Egress.AllowUnverifiedTls)
        {
            return true;
        }

        if (webhook.Url.Scheme == Uri.UriSchemeHttps && _loggedAsUnverified.TryAdd(webhook.Id, true))
        {
            LogUnverified(webhook.Id);
        }

        return false;
    }

    [LoggerMessage(2201, LogLevel.Error, "An attempt failed in a way that is not the receiver's fault", EventName = "AttemptInternalError")]
    private partial void LogInternalError(Exception exception);

    [LoggerMessage(2210, LogLevel.Warning, "The certificate of webhook {WebhookId}'s receiver is not verified, as the webhook asks and Egress:AllowUnverifiedTls allows: whoever is on the way can read what is sent", EventName = "TlsNotVerified")]
    private partial void LogUnverified(long webhookId);

    [LoggerMessage(2211, LogLevel.Debug, "A kept connection to webhook {WebhookId}'s receiver was dead; the request is sent once more on a new one", EventName = "AttemptReconnected")]
    private partial void LogReconnecting(long webhookId);
}
