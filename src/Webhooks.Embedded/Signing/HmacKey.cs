using System.Security.Cryptography;

namespace Webhooks.Embedded.Signing;

/// <summary>
/// A key that is ready for HMAC-SHA256, for any number of threads. To begin with a key costs more than to hash a kilobyte with it, and threads wait for
/// each other in that; so what was begun is kept for the next hash, in 1.2 KB outside the heap.
/// </summary>
internal sealed class HmacKey(byte[] key)
{
    public const int HashSize = HMACSHA256.HashSizeInBytes;

    private IncrementalHash? _idle;

    /// <summary>The hash of two parts, one after the other.</summary>
    public void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        // One for each thread that is here at this moment. If hashing fails, this one is not used again.
        var hmac = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(first);
        hmac.AppendData(second);
        hmac.GetHashAndReset(hash);
        Interlocked.Exchange(ref _idle, hmac)?.Dispose();
    }
}
