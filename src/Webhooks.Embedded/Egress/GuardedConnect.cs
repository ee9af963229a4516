using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Webhooks.Embedded.Egress;

/// <summary>
/// Makes every connection of the one client, from top to bottom:
/// <list type="number">
/// <item>May the URL be gone to?</item>
/// <item>Look the name up, once.</item>
/// <item>May every address it leads to be reached?</item>
/// <item>Connect to one of these very addresses, and look who is at the other end.</item>
/// </list>
/// Between the look-up and the connection nothing is looked up again, so that a name which changes meanwhile leads nowhere else. TLS
/// goes by the name in the URL all the same.
/// </summary>
internal sealed partial class GuardedConnect(
    IHostResolver resolver, LiveOptions options, TimeProvider timeProvider, ILogger<GuardedConnect> logger)
{
    private const int MaxAddresses = 8;

    // Less than the handler gives to all of it, so that a name that is not resolved is told from a host that cannot be reached.
    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(3);

    // An address that does not answer, such as one of IPv6 where that leads nowhere, must leave time for those after it. The first
    // packet is sent again after a second; whoever has not answered by then is probably not there.
    private static readonly TimeSpan MaxTimePerAddress = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeForAllButTheLast = TimeSpan.FromSeconds(3);

    private readonly ILogger _logger = logger;

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // 1. May the URL be gone to? Asked again here, for the options may have changed since it was registered.
        var url = context.InitialRequestMessage.RequestUri!;
        var rules = new EgressRules(options.Current.Egress);
        if (rules.Check(url) is { } refusal)
        {
            LogBlocked(context.DnsEndPoint.Host, url.Port, refusal.Code);
            throw new EgressException(WebhookAttemptOutcome.BlockedAddress, refusal.Message);
        }

        var host = EgressRules.HostOf(url)!;
        if (!string.Equals(context.DnsEndPoint.Host.Trim('[', ']'), host, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException("Webhooks are sent to their receivers only, not to a proxy: what a proxy connects to cannot be checked here.");
        }

        // 2. Look the name up, once.
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellationToken);
        addresses = [.. addresses.Select(AddressRanges.Unmapped).Distinct()];

        // 3. May every address it leads to be reached? One that may not is reason enough: which one is used would be up to the name's owner.
        var mustBeLocal = EgressRules.IsLocal(host);
        foreach (var address in addresses)
        {
            var kind = AddressRanges.KindOf(address);
            if (!rules.Allows(address) || (mustBeLocal && kind != AddressKind.Loopback))
            {
                LogBlocked(host, url.Port, $"{address} is {kind}");
                throw new EgressException(
                    WebhookAttemptOutcome.BlockedAddress, "The host's name leads to an address that webhooks must not reach. Nothing was sent.");
            }
        }

        // 4. Connect to one of these very addresses, and look who is at the other end.
        var connection = await ConnectToFirstAsync(addresses[..Math.Min(addresses.Length, MaxAddresses)], url.Port, cancellationToken);
        RequestProgress.Of(context.InitialRequestMessage)?.Connected();
        return connection;
    }

    private async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ResolveTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await resolver.ResolveAsync(name, either.Token) is { Length: > 0 } addresses
                ? addresses
                : throw new EgressException(WebhookAttemptOutcome.Dns, "The host's name has no address.");
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // No such name, nobody to ask, or nothing that can be asked for.
            throw new EgressException(WebhookAttemptOutcome.Dns, "The host's name could not be resolved.", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EgressException(WebhookAttemptOutcome.Dns, "The host's name was not resolved in time.", exception);
        }
    }

    private async Task<Stream> ConnectToFirstAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var share = TimeForAllButTheLast / addresses.Length;
        share = share < MaxTimePerAddress ? share : MaxTimePerAddress;
        foreach (var address in addresses[..^1])
        {
            using var deadline = new CancellationTokenSource(share, timeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                return await ConnectAsync(address, port, either.Token);
            }
            catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next one may be there.
                LogNotConnected(exception, address, port);
            }
        }

        try
        {
            return await ConnectAsync(addresses[^1], port, cancellationToken);
        }
        catch (SocketException exception)
        {
            LogNotConnected(exception, addresses[^1], port);
            throw new EgressException(WebhookAttemptOutcome.Connect, $"No connection could be made: {Reason(exception.SocketErrorCode)}.", exception);
        }
    }

    private static async Task<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var target = new IPEndPoint(address, port);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(target, cancellationToken);

            // What was checked is what is connected, whatever the system makes of an address.
            return target.Equals(socket.RemoteEndPoint)
                ? new NetworkStream(socket, ownsSocket: true)
                : throw new EgressException(WebhookAttemptOutcome.BlockedAddress, "The connection led elsewhere than to the host's address. Nothing was sent.");
        }
        catch
        {
            // Whatever it is, nobody else will close it.
            socket.Dispose();
            throw;
        }
    }

    // Not the exception's own words, which name the address.
    private static string Reason(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => "the host cannot be reached",
        SocketError.TimedOut => "the host does not answer",
        _ => error.ToString(),
    };

    [LoggerMessage(2250, LogLevel.Warning, "Webhooks must not go to {Host}:{Port}: {Reason}", EventName = "EgressBlocked")]
    private partial void LogBlocked(string host, int port, string reason);

    [LoggerMessage(2251, LogLevel.Debug, "No connection to {Address}, port {Port}", EventName = "EgressNotConnected")]
    private partial void LogNotConnected(Exception exception, IPAddress address, int port);
}
