using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Webhooks.Embedded.EndToEndTests.Etiquette;

/// <summary>One connection to a receiver.</summary>
/// <param name="receiver">The receiver.</param>
/// <param name="socket">The connection.</param>
/// <param name="stream">The connection, above TLS where there is any.</param>
/// <param name="number">Which connection of the receiver's it is, counted from 1.</param>
/// <param name="stopping">The test is over.</param>
internal sealed class Visit(ScriptedReceiver receiver, Socket socket, Stream stream, int number, CancellationToken stopping)
{
    public int Number => number;

    public CancellationToken Stopping => stopping;

    /// <summary>The next request, read to its end; null when the sender has closed the connection.</summary>
    public async Task<string?> RequestAsync()
    {
        return await HeadAsync() is { } head && await BodyAsync(head) ? head : null;
    }

    /// <summary>Reads the body that these headers promise; false when the sender has closed the connection within it.</summary>
    public async Task<bool> BodyAsync(string head)
    {
        var lines = head.Split("\r\n");
        var left = int.Parse(lines.Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1], CultureInfo.InvariantCulture);
        var buffer = new byte[64 * 1024];
        while (left > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), stopping);
            if (read == 0)
            {
                return false;
            }

            left -= read;
        }

        receiver.CountRequest();
        return true;
    }

    /// <summary>Some bytes, whatever they are.</summary>
    public ValueTask<int> ReadAsync(int count) => stream.ReadAsync(new byte[count], stopping);

    /// <summary>The headers of the next request, and nothing of its body; null when the sender has closed the connection.</summary>
    public async Task<string?> HeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stopping) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>A good answer, which says whose it is.</summary>
    public Task AnswerAsync(string request)
    {
        var id = request.Split("\r\n").Single(line => line.StartsWith("webhook-id:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim();
        return WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {id.Length}\r\n\r\n{id}");
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes, stopping);
        receiver.CountWritten(bytes.Length);
    }

    /// <summary>Writes the same again and again, until the sender closes the connection.</summary>
    public async Task WriteWithoutEndAsync(byte[] bytes, TimeSpan pause = default)
    {
        while (true)
        {
            await WriteAsync(bytes);
            await Task.Delay(pause, stopping);
        }
    }

    /// <summary>Does nothing, until the test is over.</summary>
    public Task StallAsync() => Task.Delay(Timeout.Infinite, stopping);

    /// <summary>Breaks the connection off, as if the receiver had crashed.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
