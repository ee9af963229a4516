using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded;

/// <summary>The JSON schema of what publishing makes of a .NET type. Made when it is first asked for: most apps' catalogues are seldom looked at.</summary>
internal static class PayloadSchema
{
    private static readonly ConditionalWeakTable<Type, StrongBox<string?>> Known = [];

    // Publishing writes numbers as numbers; that it could also read them from strings is nothing to tell receivers.
    private static readonly JsonSerializerOptions AsWritten = new(PayloadJson.Options)
    {
        NumberHandling = PayloadJson.Options.NumberHandling & ~JsonNumberHandling.AllowReadingFromString,
    };

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSchemaExporterOptions Exporting = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Describe,
    };

    /// <summary>Null where the type has no schema, such as one with members that cannot be JSON.</summary>
    public static string? Of(Type type) => Known.GetValue(type, static type => new StrongBox<string?>(Export(type))).Value;

    private static string? Export(Type type)
    {
        try
        {
            return JsonSchemaExporter.GetJsonSchemaAsNode(AsWritten, type, Exporting).ToJsonString(Readable);
        }
        catch (Exception)
        {
            // Types and converters are the app's own and may throw anything. A catalogue without this schema is better than none.
            return null;
        }
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        var said = context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: true);
        if (schema is JsonObject members && said is [DescriptionAttribute description, ..])
        {
            members.Insert(0, "description", description.Description);
        }

        return schema;
    }
}
