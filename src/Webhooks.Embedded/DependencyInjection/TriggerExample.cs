using System.Text;
using Webhooks.Embedded.Publishing;

namespace Webhooks.Embedded.DependencyInjection;

/// <summary>Examples of payloads: written as publishing would, and refused where it would refuse them. Both stop the start.</summary>
internal static class TriggerExample
{
    public static string Write(string trigger, object example, Type type)
    {
        ArgumentNullException.ThrowIfNull(example);
        try
        {
            return Encoding.UTF8.GetString(PayloadSerializer.Serialize(example, type, int.MaxValue));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The type and its converters are the app's own and may throw anything; this says whose example it was.
            throw new InvalidOperationException($"AddTrigger(\"{trigger}\"): the example cannot be made JSON: {exception.Message}", exception);
        }
    }

    public static void Check(WebhookTrigger trigger, int maxPayloadBytes)
    {
        try
        {
            PayloadSerializer.Check(Encoding.UTF8.GetBytes(trigger.Example ?? "{}"), maxPayloadBytes);
        }
        catch (WebhookValidationException exception)
        {
            throw new InvalidOperationException($"The example of the trigger {trigger.Name} could not be published: {exception.Message}", exception);
        }
    }
}
