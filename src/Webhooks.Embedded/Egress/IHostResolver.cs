using System.Net;

namespace Webhooks.Embedded.Egress;

/// <summary>Looks names up. A seam, so that tests can say what a name leads to.</summary>
internal interface IHostResolver
{
    /// <returns>Everything the name leads to, best first.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">There is no such name, or nobody to ask.</exception>
    Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken);
}
