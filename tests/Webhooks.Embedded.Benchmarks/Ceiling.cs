using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Webhooks.Embedded.Benchmarks.Receiving;

namespace Webhooks.Embedded.Benchmarks;

/// <summary>
/// What the machine can do without us: bare posts of the same payload, signed the same way, over kept-alive connections. Nothing is stored.
/// </summary>
internal sealed class Ceiling : IDisposable
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

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
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await PostAsync(url);
            }
        })));
    }

    /// <summary>One after the other, at this distance: what light load costs.</summary>
    public async Task PostSlowlyAsync(ReceiverProcess receiver, int posts, TimeSpan distance)
    {
        var url = receiver.UrlOf(1);
        for (var i = 0; i < posts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await PostAsync(url);
            var left = distance - Stopwatch.GetElapsedTime(started);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task PostAsync(Uri url)
    {
        var body = BenchmarkApp.Payload();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var id = Guid.CreateVersion7().ToString();
        var timestamp = DateTimeOffset.FromUnixTimeSeconds(Stopwatch.GetTimestamp() / Stopwatch.Frequency).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", Sign(id, timestamp, body));
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
    }

    private static string Sign(string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, signed));
    }
}
