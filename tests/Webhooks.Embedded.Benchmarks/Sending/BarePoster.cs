using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>Posts one after the other, with buffers, key and deadline of its own that are used again.</summary>
internal sealed class BarePoster(HttpClient client, Uri url) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly IncrementalHash _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, RandomNumberGenerator.GetBytes(32));
    private readonly byte[] _body = new byte[Payload.Length];
    private readonly byte[] _signature = new byte[HMACSHA256.HashSizeInBytes];
    private CancellationTokenSource _deadline = new();

    public async Task PostAsync()
    {
        Payload.Write(_body);
        var id = Guid.CreateVersion7().ToString();
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(_body) };
        request.Content.Headers.ContentType = Json;
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", Sign(id, timestamp));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Deadline());
        response.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        _hmac.Dispose();
        _deadline.Dispose();
    }

    private CancellationToken Deadline()
    {
        if (!_deadline.TryReset())
        {
            _deadline.Dispose();
            _deadline = new CancellationTokenSource();
        }

        _deadline.CancelAfter(Timeout);
        return _deadline.Token;
    }

    private string Sign(string id, string timestamp)
    {
        Span<byte> head = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes(id, head);
        head[length++] = (byte)'.';
        length += Encoding.ASCII.GetBytes(timestamp, head[length..]);
        head[length++] = (byte)'.';
        _hmac.AppendData(head[..length]);
        _hmac.AppendData(_body);
        _hmac.GetHashAndReset(_signature);
        return "v1," + Convert.ToBase64String(_signature);
    }
}
