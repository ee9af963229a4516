using System.Net;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>
/// Asks a receiver whether it is there, as DocSpace does before it takes a webhook: HEAD must be answered with 2xx. It goes out as
/// deliveries do, so that it reaches nothing that they may not reach.
/// </summary>
internal sealed class DocSpaceProbe : IDisposable
{
    /// <summary>The name of the library's one client.</summary>
    private const string Client = "Webhooks.Embedded";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _timeProvider;

    public DocSpaceProbe(IHttpMessageHandlerFactory handlers, TimeProvider timeProvider)
    {
        _client = new HttpMessageInvoker(handlers.CreateHandler(Client), disposeHandler: false);
        _timeProvider = timeProvider;
    }

    /// <exception cref="WebhookValidationException">The receiver is not there, or does not say that it is.</exception>
    public async Task CheckAsync(string url, CancellationToken cancellationToken)
    {
        // What is no URL at all, the registry refuses in better words.
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && !await IsThereAsync(uri, cancellationToken))
        {
            throw new WebhookValidationException("url", "unavailable", "Webhook URL is not available. HEAD request is not response 200 http status.");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<bool> IsThereAsync(Uri url, CancellationToken cancellationToken)
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
            using var response = await _client.SendAsync(request, either.Token);
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
