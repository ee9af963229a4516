using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Refusals as Baanx has them: <c>{"message":"…"}</c>.</summary>
internal sealed class BaanxRefusals : RefusalShape
{
    public override IResult Refuse(int status, string message) =>
        TypedResults.Json(new BaanxRefusal(message), BaanxJson.Types.BaanxRefusal, statusCode: status);

    /// <summary>The registry's words for fields, in those of this API.</summary>
    public override string FieldOf(string field) => field switch
    {
        "triggers" => "event_types",
        "enabled" => "is_active",
        _ => field,
    };

    public static RefusedException NoWebhook() => new(StatusCodes.Status404NotFound, "Webhook config not found");

    public static RefusedException NoEvent() => new(StatusCodes.Status404NotFound, "Event not found");

    public static RefusedException NotConfigured() =>
        new(StatusCodes.Status503ServiceUnavailable, "Notification service is not configured for this environment");

    public static RefusedException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}

/// <summary>Why there is no answer, in words for people.</summary>
internal sealed record BaanxRefusal([property: JsonPropertyName("message")] string Message);
