using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>All JSON of this API. Ours alone, so that the host's JSON options change nothing. Unknown members are passed over, as Baanx does.</summary>
internal static class BaanxJson
{
    public static BaanxJsonContext Types { get; } =
        new(new JsonSerializerOptions(BaanxJsonContext.Default.Options) { Encoder = Problem.Encoder });

    public static IResult Done(BaanxWebhook webhook, int status = StatusCodes.Status200OK) =>
        TypedResults.Json(new BaanxWebhookDone(webhook), Types.BaanxWebhookDone, statusCode: status);
}

[JsonSourceGenerationOptions(
    MaxDepth = RequestBody.MaxDepth,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(BaanxRefusal))]
[JsonSerializable(typeof(BaanxWebhookBody))]
[JsonSerializable(typeof(BaanxRetryBody))]
[JsonSerializable(typeof(BaanxWebhook))]
[JsonSerializable(typeof(IReadOnlyList<BaanxWebhook>))]
[JsonSerializable(typeof(BaanxWebhookDone))]
[JsonSerializable(typeof(BaanxDone))]
[JsonSerializable(typeof(BaanxLogs))]
[JsonSerializable(typeof(BaanxEventList))]
[JsonSerializable(typeof(BaanxEventStatus))]
[JsonSerializable(typeof(BaanxEventLogs))]
[JsonSerializable(typeof(BaanxRetryDone))]
internal sealed partial class BaanxJsonContext : JsonSerializerContext;
