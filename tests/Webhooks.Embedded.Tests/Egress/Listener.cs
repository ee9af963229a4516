using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.Tests.Egress;

/// <summary>Somebody who listens and accepts nobody, so that whoever has knocked stands at the door until the end of the test.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;
    private readonly List<Socket> _knocking = [];

    /// <param name="address">Where to listen.</param>
    /// <param name="port">0 for any that is free.</param>
    public Listener(string address, int port = 0)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            _socket.DualMode = true;
        }

        _socket.Bind(endPoint);
        _socket.Listen(backlog: 1);
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Whether a single packet came to ask for a connection.</summary>
    public bool WasKnockedAt => _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>On every address of the machine, of IPv4 and IPv6.</summary>
    public static Listener Everywhere() => new(Socket.OSSupportsIPv6 ? "::" : "0.0.0.0");

    /// <summary>Answers one request with 200.</summary>
    /// <returns>The address it came to.</returns>
    public async Task<string> AnswerAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var connection = await _socket.AcceptAsync(patience.Token);
        await connection.ReceiveAsync(new byte[16 * 1024]);
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        return ((IPEndPoint)connection.LocalEndPoint!).Address.ToString();
    }

    /// <summary>Lets so many knock that no more are heard: from then on nobody who asks for a connection gets an answer.</summary>
    public async Task BecomeDeafAsync()
    {
        for (var i = 0; i < 16; i++)
        {
            var socket = new Socket(_socket.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _knocking.Add(socket);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.ConnectAsync(_socket.LocalEndPoint!, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        Assert.Skip("The system accepts connections for this listener without end.");
    }

    public void Dispose()
    {
        _socket.Dispose();
        _knocking.ForEach(socket => socket.Dispose());
    }
}
