namespace Webhooks.Embedded.Management;

/// <summary>What a test event says.</summary>
internal static class TestPayload
{
    public static byte[] For(WebhookTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return """{"test":true}"""u8.ToArray();
    }
}
