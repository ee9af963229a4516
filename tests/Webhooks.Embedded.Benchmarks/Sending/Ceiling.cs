using System.Diagnostics;
using System.Net;
using Webhooks.Embedded.Benchmarks.Receiving;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>
/// What the machine can do without us: bare posts of the same payload, signed the same way, over kept-alive connections. Nothing is stored. It is
/// as good a sender as one can write with <see cref="HttpClient"/>: what it would waste, the product would gain in the comparison.
/// </summary>
internal sealed class Ceiling : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    public async Task PostAsync(ReceiverProcess receiver, int posts, int concurrency)
    {
        var left = posts;
        var url = receiver.UrlOf(1);
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            using var poster = new BarePoster(_client, url);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await poster.PostAsync();
            }
        })));
    }

    /// <summary>One after the other, at this distance: what light load costs.</summary>
    public async Task PostSlowlyAsync(ReceiverProcess receiver, int posts, TimeSpan distance)
    {
        using var poster = new BarePoster(_client, receiver.UrlOf(1));
        for (var i = 0; i < posts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await poster.PostAsync();
            var left = distance - Stopwatch.GetElapsedTime(started);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System);
        }
    }

    public void Dispose() => _client.Dispose();
}
