using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>What follows from a recorded attempt for its webhook. Each part is decided by what is stored: what a node that dies does not do, the next attempt does.</summary>
internal sealed class AttemptFollowUp(BreakerControl breakers, WebhookDisabling disabling, WebhookObservers observers)
{
    /// <param name="record">What was recorded.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    public async Task FollowAsync(DeliveryRecord record, TimeSpan? retryAfter)
    {
        if (record.Attempt is not { } attempt)
        {
            await breakers.ReturnTurnAsync(record.Delivery);
            return;
        }

        if (record is { LeaseHeld: true, Step: DeliveryStep.Finish, Status: WebhookDeliveryStatus.Exhausted })
        {
            observers.Exhausted(record);
        }

        var counters = await breakers.FollowAsync(record, retryAfter);
        if (counters is not null && attempt.Outcome != WebhookAttemptOutcome.Delivered && HealthChange.Counts(attempt.Outcome))
        {
            await disabling.FailingAsync(counters, attempt);
        }
    }
}
