using System.Security.Authentication;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Dispatching;

/// <summary>From what came back, or what was thrown, to an outcome of the closed list.</summary>
internal static class AttemptClassifier
{
    private const int MaxLocationLength = 2048;

    /// <summary>What an answer means. Only its status counts; the body decides nothing.</summary>
    public static (WebhookAttemptOutcome Outcome, string? Error) Classify(int statusCode, string? location) => statusCode switch
    {
        >= 200 and <= 299 => (WebhookAttemptOutcome.Delivered, null),
        >= 300 and <= 399 => (
            WebhookAttemptOutcome.Redirect,
            $"The receiver answered {statusCode}{Pointing(location)}. Redirects are not followed; register the URL it points to."),

        // 101 follows a request to speak another protocol, which was not made. The other interim answers do not come here.
        101 => (WebhookAttemptOutcome.Protocol, "The receiver answered 101, and speaks another protocol from there on."),
        < 200 => (WebhookAttemptOutcome.Protocol, $"The receiver answered {statusCode}, which is no final status."),
        _ => (WebhookAttemptOutcome.HttpError, $"The receiver answered {statusCode}."),
    };

    /// <summary>What a failed request means.</summary>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="timedOut">Whether the attempt's own deadline had passed.</param>
    /// <param name="stage">How far the request had come.</param>
    public static (WebhookAttemptOutcome Outcome, string Error) Classify(Exception exception, bool timedOut, RequestStage stage = RequestStage.Sending) => exception switch
    {
        HttpRequestException { InnerException: EgressException egress } =>
            (egress.Outcome, egress.Message),

        // The handler's own deadline, for a connection alone, or the attempt's.
        OperationCanceledException { InnerException: TimeoutException } => Timeout(stage == RequestStage.Sending ? RequestStage.Connecting : stage),
        OperationCanceledException when timedOut => Timeout(stage),
        OperationCanceledException =>
            (WebhookAttemptOutcome.Interrupted, "The host stopped before the response's headers came. The request may have been sent."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            (WebhookAttemptOutcome.Dns, "The host's name could not be resolved."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } tls =>
            Tls(tls.InnerException),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } =>
            (WebhookAttemptOutcome.Connect, "No connection could be made."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            (WebhookAttemptOutcome.HeadersTooLarge, "The response's headers are too large."),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            (WebhookAttemptOutcome.Protocol, "The answer is not HTTP."),
        HttpRequestException or IOException =>
            (WebhookAttemptOutcome.Reset, "The connection broke before the answer was complete."),

        // A fault of the app's, such as one of its message handlers. What it says may name addresses or hold what the handler adds to requests,
        // and who owns the webhook reads this: the words are for the app's log alone.
        _ => (WebhookAttemptOutcome.Internal, $"The app itself failed ({exception.GetType().Name}); its log says more."),
    };

    private static (WebhookAttemptOutcome Outcome, string Error) Timeout(RequestStage stage) => stage switch
    {
        RequestStage.Connecting => (WebhookAttemptOutcome.TimeoutConnect, "No connection was made in time."),
        RequestStage.Securing => (WebhookAttemptOutcome.TimeoutTls, "TLS was not agreed on in time."),
        _ => (WebhookAttemptOutcome.TimeoutHeaders, "The response's headers did not come in time."),
    };

    // SslStream tells the reason in its message alone, by the names of SslPolicyErrors and X509ChainStatusFlags. Neither those nor the
    // framework's messages are translated.
    private static (WebhookAttemptOutcome Outcome, string Error) Tls(Exception? exception)
    {
        var message = (exception as AuthenticationException)?.Message ?? "";
        return message switch
        {
            _ when message.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsName, "The receiver's certificate is for another name."),
            _ when message.Contains("NotTimeValid", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsExpired, "The receiver's certificate is out of date."),
            _ when message.Contains("RemoteCertificate", StringComparison.Ordinal) || message.Contains("remote certificate", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsUntrusted, $"The receiver's certificate is not trusted: {message}"),
            _ => (WebhookAttemptOutcome.TlsProtocol, $"TLS failed: {exception?.InnerException?.Message ?? exception?.Message}"),
        };
    }

    private static string Pointing(string? location) => location switch
    {
        null => "",
        { Length: > MaxLocationLength } => $" to {location.AsSpan(0, MaxLocationLength)}…",
        _ => $" to {location}",
    };
}
