namespace Webhooks.Embedded.AspNetCore.Baanx;

/// <summary>Sends an event again: the same deliveries are attempted once more, so that receivers can tell.</summary>
internal static class BaanxRetry
{
    /// <summary>To every active webhook that it was for.</summary>
    /// <returns>To how many.</returns>
    public static async Task<int> ToAllAsync(WebhookScope scope, WebhookEvent published, CancellationToken cancellationToken)
    {
        Check(published);
        var sendings = await scope.Events.SendAgainAsync(published.Id, cancellationToken: cancellationToken) ?? throw BaanxRefusals.NoEvent();
        return sendings.Count(sending => IsDue(sending.Result));
    }

    /// <summary>To one webhook, whether it was for this one or not.</summary>
    /// <exception cref="RefusedException">It cannot be sent to this one.</exception>
    public static async Task<int> ToOneAsync(WebhookScope scope, WebhookEvent published, Webhook webhook, CancellationToken cancellationToken)
    {
        Check(published);
        var sendings = await scope.Events.SendAgainAsync(published.Id, webhook.Id, cancellationToken) ?? throw BaanxRefusals.NoEvent();
        return sendings.All(sending => IsDue(sending.Result)) ? sendings.Count : throw Refused(sendings[0].Result);
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
