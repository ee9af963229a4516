namespace Webhooks.Embedded.Storage;

/// <summary>
/// The way of a batch's fresh deliveries to the dispatcher: a place is kept before they are stored, so that they can be stored as leased,
/// and they are handed over when they are. The happy path has no claim.
/// </summary>
internal sealed class FreshDeliveries(IHandover handover, StoreClock clock, TimeSpan leaseDuration)
{
    /// <summary>Leases as many as the dispatcher has room for; the others will be due, for any node.</summary>
    public void Reserve(StoreBatch batch)
    {
        // The timestamp comes first: measured by it, a lease never seems to last longer than it does.
        batch.ClaimedTimestamp = clock.TimeProvider.GetTimestamp();
        batch.Now = clock.Now;
        batch.LeaseEnd = batch.Now + (long)leaseDuration.TotalMilliseconds;
        foreach (var newEvent in batch.Events)
        {
            foreach (var delivery in newEvent.Deliveries)
            {
                delivery.HasPlace = delivery.Leased = handover.TryReserve(delivery.WebhookId, newEvent.Payload.Length);
            }
        }
    }

    /// <summary>Gives the places back: nothing was stored.</summary>
    public void Cancel(StoreBatch batch) => batch.Events.ForEach(Cancel);

    /// <summary>Hands over what was stored as leased, and says when the rest of the batch is due.</summary>
    public void HandOver(StoreBatch batch)
    {
        foreach (var newEvent in batch.Events)
        {
            if (newEvent is { Result: NewEventResult.Stored, StoredEarlier: false })
            {
                HandOver(newEvent, batch);
            }

            // What was not handed over leaves its place.
            Cancel(newEvent);
            if (newEvent.Result == NewEventResult.Stored)
            {
                LeaveBehind(newEvent);
            }
        }

        var dueAt = batch.Records
            .Where(record => record.LeaseHeld && record.Step is DeliveryStep.Retry or DeliveryStep.Release)
            .Min(record => (long?)record.At);
        if (dueAt is not null)
        {
            handover.NotifyDue(dueAt.Value);
        }
    }

    private void HandOver(NewEvent newEvent, StoreBatch batch)
    {
        foreach (var delivery in newEvent.Deliveries.Where(delivery => delivery.Leased))
        {
            delivery.HasPlace = false;
            handover.Accept(new LeasedDelivery
            {
                Id = delivery.Id,
                EventId = newEvent.Id,
                EventUid = newEvent.Uid,
                Trigger = newEvent.Trigger,
                Payload = newEvent.Payload,
                WebhookId = delivery.WebhookId,
                CreatedAt = batch.Now,
                LeaseSequence = 1,
                Claims = 1,
                Attempts = 0,
                ClaimedTimestamp = batch.ClaimedTimestamp,
            });
        }
    }

    private void LeaveBehind(NewEvent newEvent)
    {
        foreach (var delivery in newEvent.Deliveries.Where(delivery => !delivery.Leased))
        {
            handover.LeftBehind(delivery.WebhookId);
        }
    }

    private void Cancel(NewEvent newEvent)
    {
        foreach (var delivery in newEvent.Deliveries.Where(delivery => delivery.HasPlace))
        {
            handover.Cancel(delivery.WebhookId, newEvent.Payload.Length);
            delivery.HasPlace = delivery.Leased = false;
        }
    }
}
