using System.Collections.Frozen;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// The last handler before the connections: sends a request over those of its variant. What the app added to the client stands above
/// it, once for all variants.
/// </summary>
internal sealed class VariantHandler(Func<string, HttpMessageHandler> handlers) : DelegatingHandler
{
    private readonly FrozenDictionary<ConnectionVariant, Lazy<HttpMessageInvoker>> _others = ConnectionVariant.All
        .Where(variant => variant != ConnectionVariant.Default)
        .ToFrozenDictionary(
            variant => variant,
            variant => new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(handlers(variant.ClientName), disposeHandler: false)));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var variant = ConnectionVariant.Of(request);
        return variant == ConnectionVariant.Default
            ? base.SendAsync(request, cancellationToken)
            : _others[variant].Value.SendAsync(request, cancellationToken);
    }
}
