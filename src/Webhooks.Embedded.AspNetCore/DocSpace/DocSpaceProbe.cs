using System.Net;
using Microsoft.Extensions.Options;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>
/// Asks a receiver whether it is there, as DocSpace does before it takes a webhook: HEAD must be answered with 2xx. It goes out as
/// deliveries do, so that it reaches nothing that they may not reach.
/// </summary>
internal sealed class DocSpaceProbe : IDisposable
{
    /// <summary>The name of the library's one client.</summary>
    private const string Client = "Webhooks.Embedded";

    /// <summary>Its variant for webhooks whose certificates are not verified, where the app allows that.</summary>
    private const string UnverifiedClient = Client + ".Unverified";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _verified;
    private readonly HttpMessageInvoker _unverified;
    private readonly IOptionsMonitor<WebhooksOptions> _options;
    private readonly TimeProvider _timeProvider;

    public DocSpaceProbe(IHttpMessageHandlerFactory handlers, IOptionsMonitor<WebhooksOptions> options, TimeProvider timeProvider)
    {
        _verified = new HttpMessageInvoker(handlers.CreateHandler(Client), disposeHandler: false);
        _unverified = new HttpMessageInvoker(handlers.CreateHandler(UnverifiedClient), disposeHandler: false);
        _options = options;
        _timeProvider = timeProvider;
    }

    /// <param name="url">Where the receiver is.</param>
    /// <param name="verifyTls">Whether its certificate is verified.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="WebhookValidationException">The receiver is not there, or does not say that it is.</exception>
    public async Task CheckAsync(string url, bool verifyTls, CancellationToken cancellationToken)
    {
        // What is no URL at all, the registry refuses in better words.
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && !await IsThereAsync(verifyTls || !AllowsUnverifiedTls() ? _verified : _unverified, uri, cancellationToken))
        {
            throw new WebhookValidationException("url", "unavailable", "Webhook URL is not available. HEAD request is not response 200 http status.");
        }
    }

    public void Dispose()
    {
        _verified.Dispose();
        _unverified.Dispose();
    }

    private bool AllowsUnverifiedTls()
    {
        try
        {
            return _options.CurrentValue.Egress.AllowUnverifiedTls;
        }
        catch (OptionsValidationException)
        {
            // A slip in a configuration file, which the library has logged. To verify is never wrong.
            return false;
        }
    }

    private async Task<bool> IsThereAsync(HttpMessageInvoker client, Uri url, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var request = new HttpRequestMessage(HttpMethod.Head, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.UserAgent.ParseAdd(Client);
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not there, not allowed, not HTTP: whoever asks is not told which, for that would tell what there is inside.
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
