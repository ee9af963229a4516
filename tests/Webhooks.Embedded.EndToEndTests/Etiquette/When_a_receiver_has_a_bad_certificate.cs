using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Webhooks.Embedded.WebhookAttemptOutcome;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>H18: receivers whose TLS is not what it should be, and webhooks that ask for their certificates not to be verified.</summary>
public sealed class When_a_receiver_has_a_bad_certificate
{
    // Records of TLS: a ServerHello that chooses an old version, and alerts.
    private const string OldServerHello = "16 03 0{0} 00 2a 02 00 00 26 03 0{0} 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 00 00 2f 00";

    public static TheoryData<string, WebhookAttemptOutcome> Bad => new()
    {
        { "self-signed", TlsUntrusted },
        { "of an authority that nobody knows", TlsUntrusted },
        { "out of date", TlsExpired },
        { "not in force yet", TlsExpired },
        { "for another host", TlsName },
        { "for a host below it", TlsName },
        { "for clients", TlsUntrusted },
        { "out of date, self-signed and for another host", TlsName },
    };

    [Fact]
    public async Task H18_a_good_certificate_is_taken_and_the_host_is_asked_for_by_name()
    {
        string? asked = null;
        using var certificates = new Certificates();
        await using var sender = Sender.Create(services: certificates.Trust);
        var good = certificates.Good;
        await using var receiver = ScriptedReceiver.AnsweringOnce("", certificates.With(good, options =>
        {
            options.ServerCertificate = null;
            options.ServerCertificateSelectionCallback = (_, name) =>
            {
                asked = name;
                return good;
            };
        }));

        await sender.SendAsync(receiver.Url);
        await sender.NextIsUnharmedAsync(receiver.Url);

        Assert.Equal("localhost", asked);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task H18_it_is_refused_and_the_attempt_says_why(string certificate, WebhookAttemptOutcome outcome)
    {
        using var certificates = new Certificates();
        await using var sender = Sender.Create(services: certificates.Trust);
        await using var receiver = new ScriptedReceiver(visit => visit.RequestAsync(), certificates.With(certificates.Bad[certificate]()));

        var answer = await sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(5));

        Assert.Equal((certificate, outcome), (certificate, answer.Outcome));
        Assert.Equal((1, 0), (receiver.Connections, receiver.Requests));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task H18_a_webhook_can_ask_for_it_to_be_taken_where_the_host_allows_that(string certificate, WebhookAttemptOutcome outcome)
    {
        using var certificates = new Certificates();
        await using var allows = Sender.Create(options => options.Egress.AllowUnverifiedTls = true, certificates.Trust);
        await using var forbids = Sender.Create(services: certificates.Trust);
        await using var receiver = ScriptedReceiver.AnsweringOnce(
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", certificates.With(certificates.Bad[certificate]()));

        Assert.Equal(outcome, (await forbids.SendAsync(receiver.Url, verifyTls: false, timeout: TimeSpan.FromSeconds(5))).Outcome);
        Assert.Equal(outcome, (await allows.SendAsync(receiver.Url, verifyTls: true, timeout: TimeSpan.FromSeconds(5))).Outcome);
        Assert.Equal(0, receiver.Requests);
        Assert.Equal(Delivered, (await allows.SendAsync(receiver.Url, verifyTls: false, timeout: TimeSpan.FromSeconds(5))).Outcome);
        Assert.Equal(1, receiver.Requests);
    }

    [Fact]
    public async Task H18_a_connection_that_was_not_verified_is_never_used_for_a_webhook_that_is()
    {
        using var certificates = new Certificates();
        await using var sender = Sender.Create(options => options.Egress.AllowUnverifiedTls = true, certificates.Trust);
        await using var receiver = new ScriptedReceiver(
            async visit =>
            {
                while (await visit.RequestAsync() is { } request)
                {
                    await visit.AnswerAsync(request);
                }
            },
            certificates.With(certificates.Bad["self-signed"]()));

        var timeout = TimeSpan.FromSeconds(5);
        Assert.Equal(Delivered, (await sender.SendAsync(receiver.Url, verifyTls: false, timeout: timeout)).Outcome);
        Assert.Equal(TlsUntrusted, (await sender.SendAsync(receiver.Url, verifyTls: true, timeout: timeout)).Outcome);
        Assert.Equal(Delivered, (await sender.SendAsync(receiver.Url, verifyTls: false, timeout: timeout)).Outcome);

        Assert.Equal((2, 2), (receiver.Connections, receiver.Requests));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task H6_over_TLS_what_is_sent_once_more_is_verified_as_the_first_time(bool verifyTls)
    {
        using var certificates = new Certificates();
        await using var sender = Sender.Create(options => options.Egress.AllowUnverifiedTls = true, certificates.Trust);
        await using var receiver = new ScriptedReceiver(
            async visit =>
            {
                await visit.AnswerAsync((await visit.RequestAsync())!);
                await visit.RequestAsync();
            },
            certificates.With(verifyTls ? certificates.Good : certificates.Bad["self-signed"]()));
        var timeout = TimeSpan.FromSeconds(5);
        _ = await sender.SendAsync(receiver.Url, verifyTls: verifyTls, timeout: timeout);

        var answer = await sender.SendAsync(receiver.Url, verifyTls: verifyTls, timeout: timeout);

        Assert.Equal((Delivered, true), (answer.Outcome, answer.IsReconnected));
        Assert.Equal((2, 3), (receiver.Connections, receiver.Requests));
    }

    [Theory]
    [InlineData("H18 SSL 3 alone", "old 0")]
    [InlineData("H18 TLS 1.0 alone", "old 1")]
    [InlineData("H18 TLS 1.1 alone", "old 2")]
    [InlineData("H18 another version of TLS", "15 03 01 00 02 02 46")]
    [InlineData("H18 a host that it does not know (SNI)", "15 03 03 00 02 02 70")]
    [InlineData("H18 no cipher in common", "15 03 03 00 02 02 28")]
    [InlineData("H18 an error of its own", "15 03 03 00 02 02 50")]
    [InlineData("H18 plain HTTP", "text HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("H18 SSH", "text SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("H18 closed", "")]
    [InlineData("H18 reset", "reset")]
    public async Task What_is_no_TLS_that_we_speak_is_refused_whether_or_not_certificates_are_verified(string row, string answer)
    {
        await using var sender = Sender.Create(options => options.Egress.AllowUnverifiedTls = true);
        await using var receiver = new ScriptedReceiver(async visit =>
        {
            await visit.ReadAsync(4096);
            if (answer == "reset")
            {
                visit.Reset();
                return;
            }

            await visit.WriteAsync(Bytes(answer));
            if (answer.Length > 0)
            {
                await visit.StallAsync();
            }
        });

        foreach (var verifyTls in new[] { true, false })
        {
            var actual = await sender.SendAsync(
                receiver.Url.Replace("http:", "https:", StringComparison.Ordinal), verifyTls: verifyTls, timeout: TimeSpan.FromSeconds(5));
            Assert.Equal((row, TlsProtocol), (row, actual.Outcome));
            Assert.NotEqual("TLS failed: ", actual.Error);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task H18_a_receiver_that_wants_a_certificate_from_us_does_not_get_the_request(SslProtocols version)
    {
        using var certificates = new Certificates();
        await using var sender = Sender.Create(services: certificates.Trust);
        await using var receiver = new ScriptedReceiver(visit => visit.RequestAsync(), certificates.With(certificates.Good, options =>
        {
            options.EnabledSslProtocols = version;
            options.ClientCertificateRequired = true;
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        }));

        var answer = await sender.SendAsync(receiver.Url, timeout: TimeSpan.FromSeconds(5));

        // Whether TLS says so before or after it is agreed on is up to its version and the receiver.
        Assert.Contains(answer.Outcome, new[] { TlsProtocol, Reset });
        Assert.Equal((1, 0, false), (receiver.Connections, receiver.Requests, answer.IsReconnected));
    }

    [Fact]
    public async Task That_a_certificate_is_not_verified_is_logged_once_for_a_webhook()
    {
        var logged = new List<EventId>();
        using var certificates = new Certificates();
        await using var sender = Sender.Create(
            options => options.Egress.AllowUnverifiedTls = true,
            services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new Recorder(logged))));
        await using var receiver = new ScriptedReceiver(visit => visit.RequestAsync(), certificates.With(certificates.Good));

        for (var i = 0; i < 3; i++)
        {
            await sender.SendAsync(receiver.Url, verifyTls: false);
        }

        Assert.Equal(["TlsNotVerified"], logged.Select(id => id.Name));
    }

    private static byte[] Bytes(string answer) => answer.Split(' ', 2) switch
    {
        [""] => [],
        ["old", var version] => Convert.FromHexString(OldServerHello.Replace("{0}", version, StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)),
        ["text", var text] => Encoding.ASCII.GetBytes(text),
        _ => Convert.FromHexString(answer.Replace(" ", "", StringComparison.Ordinal)),
    };

    private sealed class Recorder(List<EventId> logged) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (logged)
            {
                logged.Add(eventId);
            }
        }

        public void Dispose()
        {
        }
    }
}
