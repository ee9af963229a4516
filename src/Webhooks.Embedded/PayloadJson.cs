using System.Text.Json;

namespace Webhooks.Embedded;

/// <summary>How payloads become JSON: the one choice that publishing, examples and schemas share.</summary>
internal static class PayloadJson
{
    public static JsonSerializerOptions Options => JsonSerializerOptions.Web;
}
