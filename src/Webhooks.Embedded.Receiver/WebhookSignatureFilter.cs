using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded;

/// <summary>Lets only signed requests through to an endpoint, which then finds the body unread.</summary>
internal sealed class WebhookSignatureFilter(WebhookVerifier verifier, int maxBodyBytes, RequestDelegate next)
{
    private const int ReadSize = 16 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        if (!await TryReadAsync(context.Request, body, context.RequestAborted))
        {
            await Refuse(StatusCodes.Status413PayloadTooLarge, "body_too_large", $"The body is larger than {maxBodyBytes} bytes.")
                .ExecuteAsync(context);
            return;
        }

        var verification = verifier.Verify(body.GetBuffer().AsSpan(0, (int)body.Length), context.Request.Headers);
        if (verification.Rejection is { } rejection)
        {
            var code = JsonNamingPolicy.SnakeCaseLower.ConvertName(rejection.ToString());
            await Refuse(StatusCodes.Status401Unauthorized, code, verification.Message).ExecuteAsync(context);
            return;
        }

        var received = context.Request.Body;
        body.Position = 0;
        context.Request.Body = body;
        try
        {
            await next(context);
        }
        finally
        {
            context.Request.Body = received;
        }
    }

    // Grows with what really came: a large Content-Length alone must not cost memory.
    private async Task<bool> TryReadAsync(HttpRequest request, MemoryStream body, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBodyBytes)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (body.Length + read > maxBodyBytes)
                {
                    return false;
                }

                body.Write(buffer, 0, read);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IResult Refuse(int status, string code, string detail) =>
        Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
