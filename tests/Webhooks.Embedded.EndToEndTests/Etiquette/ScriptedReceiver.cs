using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>A receiver below HTTP, and if wanted below TLS: on each connection it plays a script, well-behaved or not.</summary>
internal sealed class ScriptedReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<Visit, Task> _script;
    private readonly Func<Stream, CancellationToken, Task<Stream>>? _secure;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;
    private long _written;

    /// <param name="script">What to do on a connection. It is closed at the end.</param>
    /// <param name="secure">Makes the connection a secure one. Default: it is not.</param>
    /// <param name="receiveBuffer">How much the system takes in that the script does not read. Default: as the system likes.</param>
    public ScriptedReceiver(Func<Visit, Task> script, Func<Stream, CancellationToken, Task<Stream>>? secure = null, int? receiveBuffer = null)
    {
        _script = script;
        _secure = secure;
        if (receiveBuffer is not null)
        {
            _listener.Server.ReceiveBufferSize = receiveBuffer.Value;
        }

        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => _secure is null ? $"http://127.0.0.1:{Port}/in" : $"https://localhost:{Port}/in";

    /// <summary>How many connections were made to it.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many requests were read to their end.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many bytes the sender, or the system on its way, has taken.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Gives the first request that answer, as it is, and those after it a good one.</summary>
    public static ScriptedReceiver AnsweringOnce(string answer, Func<Stream, CancellationToken, Task<Stream>>? secure = null)
    {
        var isFirst = 1;
        return new ScriptedReceiver(
            async visit =>
            {
                while (await visit.RequestAsync() is { } request)
                {
                    if (Interlocked.Exchange(ref isFirst, 0) == 1)
                    {
                        await visit.WriteAsync(answer);
                        if (!answer.Contains(KeepOpen, StringComparison.Ordinal))
                        {
                            return;
                        }
                    }
                    else
                    {
                        await visit.AnswerAsync(request);
                    }
                }
            },
            secure);
    }

    /// <summary>A header of an answer after which the receiver waits for the next request on the same connection, instead of closing it.</summary>
    public const string KeepOpen = "X-Keep: open\r\n";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountWritten(int bytes) => Interlocked.Add(ref _written, bytes);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PlayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task PlayAsync(TcpClient client)
    {
        var number = Interlocked.Increment(ref _connections);
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                stream = _secure is null ? stream : await _secure(stream, _stopping.Token);
                await using (stream)
                {
                    await _script(new Visit(this, client.Client, stream, number, _stopping.Token));
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
            {
                // The sender gave up or refused the certificate, as the test wants it, or the test is over.
            }
        }
    }
}
