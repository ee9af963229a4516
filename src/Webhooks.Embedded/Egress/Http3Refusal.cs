using System.Net;

namespace Webhooks.Embedded.Egress;

/// <summary>HTTP/3 makes its connections without asking the guard, so that no request may come to it, whatever a handler of the app asks for.</summary>
internal sealed class Http3Refusal : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Version >= HttpVersion.Version30 || request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher
            ? throw new InvalidOperationException("Webhooks are not sent by HTTP/3, nor with a policy that allows it (RequestVersionOrHigher): it would go past the guard.")
            : base.SendAsync(request, cancellationToken);
}
