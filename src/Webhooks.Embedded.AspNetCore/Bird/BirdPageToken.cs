using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>Where a list goes on: after the row with this time and this id. Base64 of <c>[milliseconds,"id"]</c>, as Bird writes it.</summary>
internal sealed record BirdPageToken(DateTimeOffset CreatedAt, Guid Id)
{
    private const int MaxLength = 8000;

    public string Write() => Convert.ToBase64String(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"[{CreatedAt.ToUnixTimeMilliseconds()},\"{Id}\"]")));

    /// <summary>The token; null on the first page.</summary>
    /// <exception cref="RefusedException">It is none that a page came with.</exception>
    public static BirdPageToken? Read(string? text) =>
        text is null ? null
        : TryRead(text, out var token) ? token
        : throw BirdRefusals.Bad("pageToken: It is none that a page came with.");

    private static bool TryRead(string text, [NotNullWhen(true)] out BirdPageToken? token)
    {
        token = null;
        if (text.Length > MaxLength || !TryDecode(text, out var json))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            if (JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Array } array
                && reader.BytesConsumed == json.Length
                && array.EnumerateArray().ToArray() is [{ ValueKind: JsonValueKind.Number } time, { ValueKind: JsonValueKind.String } id]
                && time.TryGetInt64(out var milliseconds)
                && IsTime(milliseconds)
                && Ids.TryUuid(id.GetString()!, out var uuid))
            {
                token = new BirdPageToken(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), uuid);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or text in it that is no text (half a surrogate pair): no token.
        }

        return token is not null;
    }

    // A `+` that was not escaped in a query string arrives as a space. The letters of both alphabets are taken.
    private static bool TryDecode(string text, out byte[] json)
    {
        var url = text.Replace(' ', '-').Replace('+', '-').Replace('/', '_').TrimEnd('=');
        json = new byte[Base64Url.GetMaxDecodedLength(url.Length)];
        if (!Base64Url.IsValid(url) || !Base64Url.TryDecodeFromChars(url, json, out var length))
        {
            return false;
        }

        json = json[..length];
        return true;
    }

    private static bool IsTime(long milliseconds) =>
        milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
