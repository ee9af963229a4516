using System.Diagnostics;
using System.Globalization;

namespace Webhooks.Embedded.Benchmarks.Receiving;

/// <summary>The receiver, in a process of its own: what it costs is not the sender's, and is the same for whoever sends.</summary>
internal sealed class ReceiverProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ReceiverProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<ReceiverProcess> StartAsync()
    {
        var process = OwnProcess.Start(Receiver.Command);
        var port = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The receiver did not start.");
        return new ReceiverProcess(process, int.Parse(port, CultureInfo.InvariantCulture));
    }

    /// <summary>Where the webhook of this number is received.</summary>
    public Uri UrlOf(int webhook) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/{webhook}"));

    /// <summary>The same, of a receiver that takes its time for an answer.</summary>
    public Uri SlowUrlOf(int webhook) => UrlOf(-webhook - 1);

    /// <summary>Forgets what was received.</summary>
    public Task ResetAsync() => AskAsync("reset");

    /// <summary>What was received since it was told to forget.</summary>
    public async Task<Received> ReadAsync()
    {
        var numbers = Array.ConvertAll((await AskAsync("read")).Split(' '), number => long.Parse(number, CultureInfo.InvariantCulture));
        return new Received(numbers[0], numbers[1], TimeSpan.FromMicroseconds(numbers[2]), TimeSpan.FromMicroseconds(numbers[3]));
    }

    public async ValueTask DisposeAsync()
    {
        // It ends when nobody can ask it any more.
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The receiver has gone.");
    }
}

/// <summary>What came in.</summary>
/// <param name="Requests">All requests.</param>
/// <param name="Deliveries">Of them, those with a webhook-id that the webhook had not got before.</param>
/// <param name="MedianLatency">From publishing, as the payload says, to the arrival.</param>
/// <param name="HighLatency">The same of the slowest in a hundred.</param>
internal sealed record Received(long Requests, long Deliveries, TimeSpan MedianLatency, TimeSpan HighLatency);
