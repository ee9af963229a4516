using System.Text;

namespace Webhooks.Embedded.AspNetCore.DocSpace;

/// <summary>Webhooks and deliveries as this API's clients see them.</summary>
internal static class DocSpaceRows
{
    public static DocSpaceConfig Config(Webhook webhook, DocSpaceTriggers triggers) => new()
    {
        Id = webhook.Id,
        Name = webhook.Name,
        Uri = webhook.Url,
        Enabled = webhook.Enabled,
        Ssl = webhook.VerifyTls,
        Triggers = triggers.MaskOf(webhook.Triggers),
        TriggerNames = webhook.Triggers,
        TargetId = webhook.Target,
        CreatedBy = webhook.CreatedBy is { } person ? new DocSpaceEmployee(person, person) : null,
        CreatedOn = webhook.CreatedAt,
        ModifiedOn = webhook.UpdatedAt,
        LastFailureOn = webhook.LastFailureAt,
        LastFailureContent = webhook.LastFailure,
        LastSuccessOn = webhook.LastSuccessAt,
    };

    public static DocSpaceWebhookRow Webhook(Webhook webhook, DocSpaceTriggers triggers) =>
        new(Config(webhook, triggers), webhook.LastStatusCode ?? 0);

    /// <summary>A delivery with its last attempt.</summary>
    /// <param name="delivery">The delivery, with its payload where that is kept.</param>
    /// <param name="triggers">The catalogue.</param>
    /// <param name="isAwaited">Whether a newer attempt was asked for and is not over, so that the last one says nothing any more.</param>
    public static DocSpaceLogRow Log(WebhookDelivery delivery, DocSpaceTriggers triggers, bool isAwaited = false)
    {
        var attempt = isAwaited ? null : delivery.LastAttempt;
        return new DocSpaceLogRow
        {
            Id = delivery.Id,
            ConfigName = delivery.WebhookName,
            Trigger = triggers.IdOf(delivery.Trigger),
            TriggerName = delivery.Trigger,
            CreationTime = delivery.CreatedAt,
            RequestHeaders = attempt is null ? null : DocSpaceJson.Headers(attempt.RequestHeaders),
            RequestPayload = delivery.Payload is { } payload ? Encoding.UTF8.GetString(payload.Span) : null,
            ResponseHeaders = attempt is null ? null : DocSpaceJson.Headers(attempt.ResponseHeaders),
            ResponsePayload = attempt?.ResponseBody ?? attempt?.Error,
            Status = attempt?.StatusCode ?? 0,
            Delivery = attempt?.FinishedAt,
        };
    }
}
