using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Where an event stands. It follows from its deliveries.</summary>
internal enum BaanxStatus
{
    /// <summary>No attempt was made yet.</summary>
    Pending,

    /// <summary>Attempts are under way, or some are still to come.</summary>
    Processing,

    /// <summary>Every delivery ended, and none of them failed.</summary>
    Completed,

    /// <summary>Every delivery ended, at least one without success.</summary>
    Failed,

    /// <summary>There was nobody to deliver it to.</summary>
    Skipped,
}

internal sealed class BaanxStatusConverter() : JsonStringEnumConverter<BaanxStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal static class BaanxStatuses
{
    public static BaanxStatus Of(IReadOnlyList<WebhookDelivery> deliveries)
    {
        var statuses = deliveries.Select(Of).ToHashSet();
        return statuses.Contains(BaanxStatus.Processing) ? BaanxStatus.Processing
            : statuses.Contains(BaanxStatus.Pending) ? (statuses.Count == 1 ? BaanxStatus.Pending : BaanxStatus.Processing)
            : statuses.Contains(BaanxStatus.Failed) ? BaanxStatus.Failed
            : statuses.Contains(BaanxStatus.Completed) ? BaanxStatus.Completed
            : BaanxStatus.Skipped;
    }

    /// <summary>When the last delivery ended; null while one has not, and where there was none.</summary>
    public static DateTimeOffset? ProcessedAt(IReadOnlyList<WebhookDelivery> deliveries) =>
        deliveries.All(delivery => delivery.FinishedAt is not null) ? deliveries.Max(delivery => delivery.FinishedAt) : null;

    private static BaanxStatus Of(WebhookDelivery delivery) => delivery.Status switch
    {
        WebhookDeliveryStatus.Pending => BaanxStatus.Pending,
        WebhookDeliveryStatus.Leased or WebhookDeliveryStatus.Retrying => BaanxStatus.Processing,
        WebhookDeliveryStatus.Delivered => BaanxStatus.Completed,
        WebhookDeliveryStatus.Cancelled => BaanxStatus.Skipped,

        // Held until a person acts: without an attempt it is still to come, after a failed one nothing is planned.
        WebhookDeliveryStatus.Parked when delivery.Attempts == 0 => BaanxStatus.Pending,
        _ => BaanxStatus.Failed,
    };
}
