using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;

namespace Webhooks.Embedded.Benchmarks.Receiving;

/// <summary>A kept-alive connection: request after request is counted and answered. It understands what the benchmarks send, and no more of HTTP.</summary>
internal sealed class ReceivedConnection(Socket socket, Arrivals arrivals)
{
    /// <summary>How long a webhook with a negative number waits for its answer: a receiver that makes little of what is sent to it.</summary>
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(5);

    private static readonly byte[] Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public async Task RunAsync()
    {
        socket.NoDelay = true;
        using (socket)
        {
            var length = 0;
            try
            {
                while (await socket.ReceiveAsync(_buffer.AsMemory(length)) is > 0 and var read)
                {
                    length += read;
                    var now = Stopwatch.GetTimestamp();
                    while (LengthOfRequest(_buffer.AsSpan(0, length)) is > 0 and var request)
                    {
                        if (Count(_buffer.AsSpan(0, request), now) < 0)
                        {
                            await Task.Delay(SlowAnswer, TimeProvider.System);
                        }

                        _buffer.AsSpan(request, length - request).CopyTo(_buffer);
                        length -= request;
                        await socket.SendAsync(Ok);
                    }
                }
            }
            catch (SocketException)
            {
                // The sender has gone: a store was taken down with its connections.
            }
        }
    }

    /// <summary>0: it is not here as a whole yet.</summary>
    private static int LengthOfRequest(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        return Utf8Parser.TryParse(Header(received[..(end + 2)], "Content-Length: "u8), out int body, out _) && received.Length >= end + 4 + body
            ? end + 4 + body
            : 0;
    }

    /// <summary>The number of the webhook.</summary>
    private int Count(ReadOnlySpan<byte> request, long now)
    {
        if (!Utf8Parser.TryParse(request["POST /"u8.Length..], out int webhook, out _)
            || !Utf8Parser.TryParse(Header(request, "webhook-id: "u8), out Guid id, out _))
        {
            throw new InvalidDataException("That is no webhook.");
        }

        // {"at":123456789,…
        var body = request[(request.IndexOf("\r\n\r\n"u8) + 4)..];
        var at = Utf8Parser.TryParse(body["{\"at\":"u8.Length..], out long published, out _) ? published : 0;
        arrivals.Add(webhook, id, at, now);
        return webhook;
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name) => head[(head.IndexOf(name) + name.Length)..];
}
