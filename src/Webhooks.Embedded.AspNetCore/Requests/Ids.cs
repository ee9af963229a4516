using System.Globalization;

namespace Webhooks.Embedded.AspNetCore.Requests;

/// <summary>Ids as they stand in routes. What is not an id is simply not found.</summary>
internal static class Ids
{
    public const string WebhookId = "The number or the UUID of the webhook.";
    public const string WebhookUuid = "The UUID of the webhook.";
    public const string EventId = "The UUID of the event.";
    public const string OperationId = "The UUID of the operation.";
    public const string DeliveryId = "The number of the delivery.";

    public static bool TryNumber(string value, out long number) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // The length, because the framework would forgive spaces around it.
    public static bool TryUuid(string value, out Guid uuid)
    {
        uuid = Guid.Empty;
        return value.Length == 36 && Guid.TryParseExact(value, "D", out uuid);
    }

    public static async Task<Webhook?> FindWebhookAsync(this IWebhookRegistry registry, string id, CancellationToken cancellationToken)
    {
        if (TryNumber(id, out var number))
        {
            return await registry.FindAsync(number, cancellationToken);
        }

        return TryUuid(id, out var uid) ? await registry.FindAsync(uid, cancellationToken) : null;
    }
}
