using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>
/// Reads JSON bodies. Not by parameter binding: that follows the host's JSON options and refuses without a word about the field.
/// </summary>
internal static class RequestBody
{
    internal const int MaxBytes = 256 * 1024;

    /// <summary>How deeply a body may be nested.</summary>
    internal const int MaxDepth = 32;

    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!IsJson(context.Request))
        {
            throw new ProblemException(RequestProblems.UnsupportedMediaType());
        }

        return Parse(await ReadBytesAsync(context), type);
    }

    /// <summary>As <see cref="ReadAsync"/>, for routes whose body may be left out.</summary>
    public static async Task<T> ReadOrDefaultAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class, new()
    {
        var bytes = await ReadBytesAsync(context);
        if (bytes.Length == 0)
        {
            return new T();
        }

        return IsJson(context.Request) ? Parse(bytes, type) : throw new ProblemException(RequestProblems.UnsupportedMediaType());
    }

    internal static bool IsJson(HttpRequest request) =>
        request.HasJsonContentType()
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding is { Count: 0 } or ["identity"];

    internal static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        // The parser looks into strings only when they are asked for, and a payload passes as it is.
        if (!Utf8.IsValid(json))
        {
            throw new ProblemException(RequestProblems.MalformedJson("The body is not UTF-8."));
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw BodyFaults.NotAnObject();
        }
        catch (JsonException exception)
        {
            throw BodyFaults.Explain(json, type, exception);
        }
    }

    private static async Task<byte[]> ReadBytesAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBytes)
        {
            throw new ProblemException(RequestProblems.BodyTooLarge(MaxBytes));
        }

        var read = await context.Request.BodyReader.ReadAtLeastAsync(MaxBytes + 1, context.RequestAborted);
        try
        {
            return read.Buffer.Length <= MaxBytes
                ? read.Buffer.ToArray()
                : throw new ProblemException(RequestProblems.BodyTooLarge(MaxBytes));
        }
        finally
        {
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }
}
