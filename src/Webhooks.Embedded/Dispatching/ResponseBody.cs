using System.Buffers;

namespace Webhooks.Embedded.Dispatching;

/// <summary>The beginning of a response's body, for the log. However slow, large or broken it is, the outcome stands.</summary>
/// <param name="Bytes">What came, up to 16 KB, as it came: nothing is decompressed.</param>
/// <param name="IsTruncated">Whether it went on, or could not be read to its end.</param>
internal readonly record struct ResponseBody(byte[] Bytes, bool IsTruncated)
{
    private const int MaxBytes = 16 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public static async ValueTask<ResponseBody> ReadAsync(HttpContent content, AttemptDeadline deadline)
    {
        if (content.Headers.ContentLength == 0)
        {
            return new ResponseBody([], false);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        var length = 0;
        try
        {
            // From here on the body's own time counts, not what is left for the headers.
            deadline.Set(Timeout);
            await using var stream = await content.ReadAsStreamAsync(deadline.Token);
            while (length <= MaxBytes)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length, MaxBytes + 1 - length), deadline.Token);
                if (read == 0)
                {
                    return new ResponseBody(buffer[..length], false);
                }

                length += read;
            }

            return new ResponseBody(buffer[..MaxBytes], true);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The headers have decided; what was read until it broke is shown as cut off.
            return new ResponseBody(buffer[..Math.Min(length, MaxBytes)], true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
