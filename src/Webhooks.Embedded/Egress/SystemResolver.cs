using System.Net;

namespace Webhooks.Embedded.Egress;

/// <summary>As the machine resolves names: by its hosts file and its name servers.</summary>
internal sealed class SystemResolver : IHostResolver
{
    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(name, cancellationToken);
}
