namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Sends an event again: the same deliveries are attempted once more, so that receivers can tell.</summary>
internal static class BaanxRetry
{
    /// <summary>To every active webhook that it was for.</summary>
    /// <returns>To how many.</returns>
    public static async Task<int> ToAllAsync(WebhookScope scope, WebhookEvent published, CancellationToken cancellationToken)
    {
        Check(published);
        var deliveries = await BaanxEvents.DeliveriesAsync(scope, published.Id, cancellationToken);
        var retries = await scope.Deliveries.RetryAsync([.. deliveries.Select(delivery => delivery.Id)], cancellationToken);
        return retries.Count(retry => IsDue(retry.Result));
    }

    /// <summary>To one webhook.</summary>
    /// <exception cref="RefusedException">It cannot be sent to this one.</exception>
    public static async Task<int> ToOneAsync(WebhookScope scope, WebhookEvent published, Webhook webhook, CancellationToken cancellationToken)
    {
        Check(published);
        var query = new WebhookDeliveryQuery { EventId = published.Id, WebhookId = webhook.Id, Limit = 1 };
        if ((await scope.Deliveries.ListAsync(query, cancellationToken)).Items is not [var delivery])
        {
            throw BaanxRefusals.Bad("The event was not for this webhook");
        }

        var result = await scope.Deliveries.RetryAsync(delivery.Id, cancellationToken);
        return IsDue(result) ? 1 : throw Refused(result);
    }

    private static bool IsDue(WebhookRetryResult result) => result is WebhookRetryResult.Queued or WebhookRetryResult.UnderWay;

    private static RefusedException Refused(WebhookRetryResult result) => result switch
    {
        WebhookRetryResult.WebhookDisabled => BaanxRefusals.Bad("The webhook is not active"),
        WebhookRetryResult.PayloadExpired => PayloadExpired(),
        _ => BaanxRefusals.NoWebhook(),
    };

    private static void Check(WebhookEvent published)
    {
        if (published.Payload is null)
        {
            throw PayloadExpired();
        }
    }

    private static RefusedException PayloadExpired() => BaanxRefusals.Bad("The payload of the event is no longer kept");
}
