using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

/// <summary>Stands between a node and the database, and swallows what the database answers when the test says so.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _target;
    private readonly Task _accepting;
    private CancellationTokenSource _connected = new();
    private volatile bool _swallowsAnswers;

    public TcpProxy(int targetPort)
    {
        _target = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether answers are lost. What is asked still arrives.</summary>
    public bool SwallowsAnswers
    {
        get => _swallowsAnswers;
        set => _swallowsAnswers = value;
    }

    /// <summary>Cuts all connections. New ones are possible.</summary>
    public async Task CutAsync()
    {
        var connected = Interlocked.Exchange(ref _connected, new CancellationTokenSource());
        await connected.CancelAsync();
        connected.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await CutAsync();
        _listener.Stop();
        await _accepting;
        _connected.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stopping.Token), _connected.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ForwardAsync(TcpClient node, CancellationToken cut)
    {
        using (node)
        using (var database = new TcpClient())
        {
            try
            {
                await database.ConnectAsync(IPAddress.Loopback, _target, cut);
                await Task.WhenAny(
                    CopyAsync(node.GetStream(), database.GetStream(), () => false, cut),
                    CopyAsync(database.GetStream(), node.GetStream(), () => SwallowsAnswers, cut));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // Cut, or one of the two has gone.
            }
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Func<bool> isLost, CancellationToken cut)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cut) is var length and > 0)
        {
            if (!isLost())
            {
                await to.WriteAsync(buffer.AsMemory(0, length), cut);
            }
        }
    }
}
