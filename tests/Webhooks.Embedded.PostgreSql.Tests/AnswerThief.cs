using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>Stands between a node and the server. When told to, it lets one request through, keeps the answer, and cuts the connection.</summary>
internal sealed class AnswerThief : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly int _port;
    private int _isArmed;

    public AnswerThief(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Stolen { get; private set; }

    public void StealNextAnswer() => Volatile.Write(ref _isArmed, 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(_host, _port, _stop.Token);
            var (near, far) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(near.CopyToAsync(far, _stop.Token), AnswerAsync(far, near));
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream client)
    {
        var buffer = new byte[64 * 1024];
        int length;
        while ((length = await server.ReadAsync(buffer, _stop.Token)) > 0)
        {
            if (Interlocked.Exchange(ref _isArmed, 0) == 1)
            {
                Stolen++;
                return;
            }

            await client.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }
}
