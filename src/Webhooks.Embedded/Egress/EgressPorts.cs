using System.Collections.Frozen;

namespace Webhooks.Embedded.Egress;

/// <summary>The ports that webhooks may go to without being named by the app.</summary>
internal static class EgressPorts
{
    private const int FirstUnprivileged = 1024;

    // https://fetch.spec.whatwg.org/#port-blocking, from 1024: what listens there may take a request for words of its own protocol.
    private static readonly FrozenSet<int> Bad = FrozenSet.Create(
        1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080);

    public static bool IsOpen(int port) => port is 80 or 443 || (port is >= FirstUnprivileged and <= ushort.MaxValue && !Bad.Contains(port));
}
