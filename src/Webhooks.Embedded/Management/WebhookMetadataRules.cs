using System.Text;
using System.Text.Json;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>What the app may keep with a webhook.</summary>
internal static class WebhookMetadataRules
{
    private const string Field = "metadata";
    private const int MaxLength = 4096;

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public static WebhookFieldError? Check(string? metadata)
    {
        if (metadata is null)
        {
            return null;
        }

        if (metadata.Length > MaxLength)
        {
            return new(Field, "too_long", $"It has {metadata.Length} characters; at most {MaxLength} are allowed.");
        }

        return StoredText.IsStorable(metadata) && IsObject(metadata) ? null : new(Field, "invalid_json", "It is not a JSON object, such as {\"team\":\"billing\"}.");
    }

    private static bool IsObject(string metadata)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(metadata));
        try
        {
            var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read())
            {
                // Reading to the end is the check.
            }

            return isObject;
        }
        catch (JsonException)
        {
            // The caller's fault, said in the caller's words.
            return false;
        }
    }
}
