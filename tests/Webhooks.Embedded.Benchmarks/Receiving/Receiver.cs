using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Webhooks.Embedded.Benchmarks.Receiving;

/// <summary>
/// Answers every POST with 200 as cheaply as can be, so that what is measured is the sender. It is asked on its standard input what came.
/// </summary>
internal sealed class Receiver
{
    public const string Command = "receive";

    private readonly Arrivals _arrivals = new();

    public static async Task RunAsync()
    {
        var receiver = new Receiver();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1024);
        _ = receiver.AcceptAsync(listener);
        await Console.Out.WriteLineAsync(((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is { } question)
        {
            await Console.Out.WriteLineAsync(receiver._arrivals.Answer(question));
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            _ = new ReceivedConnection(await listener.AcceptAsync(), _arrivals).RunAsync();
        }
    }
}
