using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Embedded.AspNetCore.Requests;

namespace Webhooks.Embedded.AspNetCore.Bird;

/// <summary>
/// All JSON of this API. Ours alone, so that the host's JSON options change nothing. What there is not is left out; unknown members are
/// passed over, as Bird does.
/// </summary>
internal static class BirdJson
{
    public static BirdJsonContext Types { get; } =
        new(new JsonSerializerOptions(BirdJsonContext.Default.Options) { Encoder = Problem.Encoder });
}

[JsonSourceGenerationOptions(
    MaxDepth = RequestBody.MaxDepth,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(BirdRefusal))]
[JsonSerializable(typeof(BirdWebhookBody))]
[JsonSerializable(typeof(BirdWebhook))]
[JsonSerializable(typeof(BirdList<BirdWebhook>))]
[JsonSerializable(typeof(BirdList<BirdLog>))]
[JsonSerializable(typeof(BirdList<BirdLogDetails>))]
internal sealed partial class BirdJsonContext : JsonSerializerContext;
