using System.Text.Json;
using System.Text.Unicode;

namespace Webhooks.Embedded.Publishing;

/// <summary>Turns a payload into the bytes that are stored, signed and sent, once and for all attempts.</summary>
internal static class PayloadSerializer
{
    private const int MaxDepth = 64;

    public static byte[] Serialize(object payload, Type type, int maxBytes)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(payload, type, PayloadJson.Options);
        CheckSize(bytes.Length, maxBytes);
        return bytes;
    }

    /// <summary>A copy of bytes that are one JSON value already.</summary>
    public static byte[] Check(ReadOnlyMemory<byte> utf8Json, int maxBytes)
    {
        CheckSize(utf8Json.Length, maxBytes);
        var reader = new Utf8JsonReader(utf8Json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            // The reader looks at the structure alone and passes over what strings are made of.
            if (!Utf8.IsValid(utf8Json.Span))
            {
                throw new JsonException("It holds bytes that are not UTF-8.");
            }

            while (reader.Read())
            {
                // Reading to the end is the check.
            }
        }
        catch (JsonException exception)
        {
            // The caller's fault, said in the caller's words.
            throw new WebhookValidationException("payload", "invalid_json", $"The payload is not one JSON value in UTF-8: {exception.Message}");
        }

        // The caller's buffer may be used again while the event waits for its first attempt.
        return utf8Json.ToArray();
    }

    private static void CheckSize(int length, int maxBytes)
    {
        if (length > maxBytes)
        {
            throw new WebhookValidationException(
                "payload", "too_large", $"The payload has {length} bytes; at most {maxBytes} are allowed (option MaxPayloadBytes).");
        }
    }
}
