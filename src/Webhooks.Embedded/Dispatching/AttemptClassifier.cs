using System.Security.Authentication;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Dispatching;

/// <summary>From what came back, or what was thrown, to an outcome of the closed list.</summary>
internal static class AttemptClassifier
{
    /// <summary>What an answer means. Only its status counts; the body decides nothing.</summary>
    public static (WebhookAttemptOutcome Outcome, string? Error) Classify(int statusCode, Uri? location) => statusCode switch
    {
        >= 200 and <= 299 => (WebhookAttemptOutcome.Delivered, null),
        >= 300 and <= 399 => (
            WebhookAttemptOutcome.Redirect,
            $"The receiver answered {statusCode}{(location is null ? "" : $" to {location.OriginalString}")}. Redirects are not followed; register the URL it points to."),
        _ => (WebhookAttemptOutcome.HttpError, $"The receiver answered {statusCode}."),
    };

    /// <summary>What a failed request means.</summary>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="timedOut">Whether the attempt's own deadline had passed.</param>
    public static (WebhookAttemptOutcome Outcome, string Error) Classify(Exception exception, bool timedOut) => exception switch
    {
        HttpRequestException { InnerException: EgressException egress } =>
            (egress.Outcome, egress.Message),
        OperationCanceledException { InnerException: TimeoutException } =>
            (WebhookAttemptOutcome.TimeoutConnect, "No connection was made in time."),
        OperationCanceledException when timedOut =>
            (WebhookAttemptOutcome.TimeoutHeaders, "The response's headers did not come in time."),
        OperationCanceledException =>
            (WebhookAttemptOutcome.Interrupted, "The host stopped before the response's headers came. The request may have been sent."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            (WebhookAttemptOutcome.Dns, "The host's name could not be resolved."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } tls =>
            Tls(tls.InnerException as AuthenticationException),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } connect =>
            (WebhookAttemptOutcome.Connect, $"No connection could be made: {connect.InnerException?.Message ?? connect.Message}"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            (WebhookAttemptOutcome.HeadersTooLarge, "The response's headers are too large."),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } =>
            (WebhookAttemptOutcome.Protocol, "The answer is not HTTP."),
        HttpRequestException or IOException =>
            (WebhookAttemptOutcome.Reset, "The connection broke before the answer was complete."),
        _ => (WebhookAttemptOutcome.Internal, $"{exception.GetType().Name}: {exception.Message}"),
    };

    // SslStream tells the reason in its message alone, by the names of SslPolicyErrors and X509ChainStatusFlags, which are not translated.
    private static (WebhookAttemptOutcome Outcome, string Error) Tls(AuthenticationException? exception)
    {
        var message = exception?.Message ?? "";
        return message switch
        {
            _ when message.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsName, "The receiver's certificate is for another name."),
            _ when message.Contains("NotTimeValid", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsExpired, "The receiver's certificate is out of date."),
            _ when message.Contains("RemoteCertificate", StringComparison.Ordinal) =>
                (WebhookAttemptOutcome.TlsUntrusted, $"The receiver's certificate is not trusted: {message}"),
            _ => (WebhookAttemptOutcome.TlsProtocol, $"TLS failed: {exception?.InnerException?.Message ?? message}"),
        };
    }
}
