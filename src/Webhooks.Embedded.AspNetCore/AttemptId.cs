using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Webhooks.Embedded.AspNetCore;

/// <summary>
/// The UUID of an attempt where an API shows one. It is stored nowhere: it follows from the event, the webhook and the attempt's number
/// (RFC 9562, version 8), so that the same attempt has the same one for ever.
/// </summary>
internal static class AttemptId
{
    private const int UuidBytes = 16;

    public static Guid Of(WebhookDelivery delivery, int number)
    {
        Span<byte> name = stackalloc byte[(2 * UuidBytes) + sizeof(int)];
        delivery.EventId.TryWriteBytes(name, bigEndian: true, out _);
        delivery.WebhookUid.TryWriteBytes(name[UuidBytes..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(name[(2 * UuidBytes)..], number);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..UuidBytes], bigEndian: true);
    }
}
