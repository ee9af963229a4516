namespace Webhooks.Embedded.TestNode;

/// <summary>Says in every request which node makes it.</summary>
internal sealed class NamingHandler(string name) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add("X-Node", name);
        return base.SendAsync(request, cancellationToken);
    }
}
