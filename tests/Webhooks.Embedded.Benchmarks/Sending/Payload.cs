using System.Buffers.Text;
using System.Diagnostics;

namespace Webhooks.Embedded.Benchmarks.Sending;

/// <summary>A kilobyte of JSON that says when it was made: <c>{"at":123456789      ,"pad":"xxx…"}</c>.</summary>
internal static class Payload
{
    public const int Length = 1024;
    private const int MaxDigits = 20;

    private static readonly byte[] Template = Make();

    public static byte[] Create()
    {
        var payload = new byte[Length];
        Write(payload);
        return payload;
    }

    public static void Write(Span<byte> payload)
    {
        Template.CopyTo(payload);
        Utf8Formatter.TryFormat(Stopwatch.GetTimestamp(), payload["{\"at\":"u8.Length..], out _);
    }

    private static byte[] Make()
    {
        var template = new byte[Length];
        template.AsSpan().Fill((byte)'x');
        "{\"at\":"u8.CopyTo(template);
        template.AsSpan("{\"at\":"u8.Length, MaxDigits).Fill((byte)' ');
        ",\"pad\":\""u8.CopyTo(template.AsSpan("{\"at\":"u8.Length + MaxDigits));
        "\"}"u8.CopyTo(template.AsSpan(Length - 2));
        return template;
    }
}
