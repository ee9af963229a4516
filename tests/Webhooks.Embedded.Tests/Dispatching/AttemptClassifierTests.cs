using System.Net.Sockets;
using System.Security.Authentication;
using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Egress;

namespace Webhooks.Embedded.Tests.Dispatching;

public sealed class AttemptClassifierTests
{
    [Theory]
    [InlineData(0, WebhookAttemptOutcome.Protocol)]
    [InlineData(99, WebhookAttemptOutcome.Protocol)]
    [InlineData(101, WebhookAttemptOutcome.Protocol)]
    [InlineData(199, WebhookAttemptOutcome.Protocol)]
    [InlineData(200, WebhookAttemptOutcome.Delivered)]
    [InlineData(204, WebhookAttemptOutcome.Delivered)]
    [InlineData(299, WebhookAttemptOutcome.Delivered)]
    [InlineData(300, WebhookAttemptOutcome.Redirect)]
    [InlineData(304, WebhookAttemptOutcome.Redirect)]
    [InlineData(399, WebhookAttemptOutcome.Redirect)]
    [InlineData(400, WebhookAttemptOutcome.HttpError)]
    [InlineData(410, WebhookAttemptOutcome.HttpError)]
    [InlineData(503, WebhookAttemptOutcome.HttpError)]
    [InlineData(999, WebhookAttemptOutcome.HttpError)]
    public void Only_2xx_is_delivered(int statusCode, WebhookAttemptOutcome outcome)
    {
        var (actual, error) = AttemptClassifier.Classify(statusCode, null);
        Assert.Equal(outcome, actual);
        Assert.Equal(outcome == WebhookAttemptOutcome.Delivered, error is null);
    }

    [Fact]
    public void A_redirect_says_where_it_points_to() =>
        Assert.Contains("https://example.com/new", AttemptClassifier.Classify(301, "https://example.com/new").Error, StringComparison.Ordinal);

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, WebhookAttemptOutcome.Dns)]
    [InlineData(HttpRequestError.ConnectionError, WebhookAttemptOutcome.Connect)]
    [InlineData(HttpRequestError.ResponseEnded, WebhookAttemptOutcome.Reset)]
    [InlineData(HttpRequestError.InvalidResponse, WebhookAttemptOutcome.Protocol)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, WebhookAttemptOutcome.HeadersTooLarge)]
    [InlineData(HttpRequestError.SecureConnectionError, WebhookAttemptOutcome.TlsProtocol)]
    [InlineData(HttpRequestError.Unknown, WebhookAttemptOutcome.Reset)]
    public void What_the_handler_reports_has_an_outcome(HttpRequestError error, WebhookAttemptOutcome outcome) =>
        Assert.Equal(outcome, AttemptClassifier.Classify(new HttpRequestException(error), timedOut: false).Outcome);

    [Theory]
    [InlineData("… RemoteCertificateNameMismatch", WebhookAttemptOutcome.TlsName)]
    [InlineData("… RemoteCertificateChainErrors: NotTimeValid", WebhookAttemptOutcome.TlsExpired)]
    [InlineData("… RemoteCertificateChainErrors: UntrustedRoot", WebhookAttemptOutcome.TlsUntrusted)]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: PartialChain", WebhookAttemptOutcome.TlsUntrusted)]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid, UntrustedRoot", WebhookAttemptOutcome.TlsExpired)]
    [InlineData("Authentication failed, see inner exception.", WebhookAttemptOutcome.TlsProtocol)]
    public void A_refused_certificate_says_why(string message, WebhookAttemptOutcome outcome) =>
        Assert.Equal(
            outcome,
            AttemptClassifier.Classify(
                new HttpRequestException(HttpRequestError.SecureConnectionError, null, new AuthenticationException(message)), false).Outcome);

    [Fact]
    public void A_redirect_to_a_very_long_address_does_not_fill_the_log() =>
        Assert.InRange(AttemptClassifier.Classify(301, new string('x', 16_000)).Error!.Length, 2048, 2200);

    [Theory]
    [InlineData(nameof(RequestStage.Connecting), WebhookAttemptOutcome.TimeoutConnect)]
    [InlineData(nameof(RequestStage.Securing), WebhookAttemptOutcome.TimeoutTls)]
    [InlineData(nameof(RequestStage.Sending), WebhookAttemptOutcome.TimeoutHeaders)]
    public void A_deadline_says_what_was_waited_for(string stage, WebhookAttemptOutcome outcome) =>
        Assert.Equal(outcome, AttemptClassifier.Classify(new OperationCanceledException(), timedOut: true, Enum.Parse<RequestStage>(stage)).Outcome);

    [Theory]
    [InlineData(nameof(RequestStage.Connecting), WebhookAttemptOutcome.TimeoutConnect)]
    [InlineData(nameof(RequestStage.Securing), WebhookAttemptOutcome.TimeoutTls)]
    public void The_deadline_for_a_connection_alone_does_so_too(string stage, WebhookAttemptOutcome outcome) =>
        Assert.Equal(outcome, AttemptClassifier.Classify(new TaskCanceledException("", new TimeoutException()), timedOut: false, Enum.Parse<RequestStage>(stage)).Outcome);

    [Fact]
    public void Deadlines_and_a_stopping_host_are_told_apart()
    {
        Assert.Equal(WebhookAttemptOutcome.TimeoutHeaders, AttemptClassifier.Classify(new OperationCanceledException(), timedOut: true).Outcome);
        Assert.Equal(WebhookAttemptOutcome.Interrupted, AttemptClassifier.Classify(new OperationCanceledException(), timedOut: false).Outcome);
        Assert.Equal(
            WebhookAttemptOutcome.TimeoutConnect,
            AttemptClassifier.Classify(new TaskCanceledException("", new TimeoutException()), timedOut: false).Outcome);
    }

    [Fact]
    public void What_an_exception_says_of_the_inside_is_not_told_to_who_owns_the_webhook()
    {
        var inside = new SocketException((int)SocketError.ConnectionRefused, "refused by 10.1.2.3:8080, token s3cret");
        foreach (var exception in new Exception[]
        {
            new HttpRequestException(HttpRequestError.ConnectionError, inside.Message, inside),
            new HttpRequestException(HttpRequestError.NameResolutionError, inside.Message, inside),
            new HttpRequestException(inside.Message, inside),
            new IOException(inside.Message, inside),
            new InvalidOperationException(inside.Message, inside),
        })
        {
            var (_, error) = AttemptClassifier.Classify(exception, timedOut: false);

            Assert.DoesNotContain("10.1.2.3", error, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_nobody_thought_of_is_a_fault_of_ours() =>
        Assert.Equal(WebhookAttemptOutcome.Internal, AttemptClassifier.Classify(new InvalidCastException(), timedOut: false).Outcome);
}
