using System.Text;

namespace Webhooks.Embedded.Management;

/// <summary>What a test event says: the example of its trigger, where the app gave one.</summary>
internal static class TestPayload
{
    public static byte[] For(WebhookTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return trigger.Example is { } example ? Encoding.UTF8.GetBytes(example) : """{"test":true}"""u8.ToArray();
    }
}
