using System.Net;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>Refusals as Bird has them: <c>{"code":"NotFound","message":"…"}</c>. The code is the status in words.</summary>
internal sealed class BirdRefusals : RefusalShape
{
    public override IResult Refuse(int status, string message) =>
        TypedResults.Json(new BirdRefusal(((HttpStatusCode)status).ToString(), message), BirdJson.Types.BirdRefusal, statusCode: status);

    /// <summary>The registry's words for fields, in those of this API.</summary>
    public override string FieldOf(string field) => field switch
    {
        "triggers" => "event",
        "filters" => "eventFilters",
        "secret" => "signingKey",
        "metadata" => "template",
        _ => field,
    };

    public static RefusedException NoWebhook() => new(StatusCodes.Status404NotFound, "Webhook subscription not found");

    public static RefusedException NoOrganization() => new(StatusCodes.Status404NotFound, "Organization not found");

    public static RefusedException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}

internal sealed record BirdRefusal(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message);
