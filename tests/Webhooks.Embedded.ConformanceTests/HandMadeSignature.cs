using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Embedded.ConformanceTests;

/// <summary>An oracle that shares nothing with the code under test: HMAC as RFC 2104 spells it out, over SHA-256 alone.</summary>
internal static class HandMadeSignature
{
    private const int BlockSize = 64;

    public static string Compute(byte[] key, string id, string timestamp, byte[] body)
    {
        var block = new byte[BlockSize];
        (key.Length > BlockSize ? SHA256.HashData(key) : key).CopyTo(block, 0);

        byte[] message = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var inner = SHA256.HashData([.. block.Select(b => (byte)(b ^ 0x36)), .. message]);
        var outer = SHA256.HashData([.. block.Select(b => (byte)(b ^ 0x5c)), .. inner]);

        var base64 = new byte[Base64.GetMaxEncodedToUtf8Length(outer.Length)];
        Base64.EncodeToUtf8(outer, base64, out _, out _);
        return "v1," + Encoding.ASCII.GetString(base64);
    }
}
