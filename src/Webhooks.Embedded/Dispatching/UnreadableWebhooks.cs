using System.Collections.Concurrent;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>
/// What becomes of a delivery whose webhook's secret this node cannot read. Where another node may be able to, it is given back for that one to
/// take, and parked only when none has for a minute; otherwise a node without keys would park what the others could send.
/// </summary>
internal sealed class UnreadableWebhooks(WebhookDatabase database, StoreClock clock)
{
    /// <summary>How long other nodes have to show that they can read it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>After it another node or this one looks again: long enough for this one not to be busy with nothing else.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, long> _metAt = new();

    /// <summary>Webhooks of which this node gave deliveries back, and since when.</summary>
    public IReadOnlyCollection<KeyValuePair<long, long>> Met => [.. _metAt];

    /// <summary>What to record of a delivery that was not sent.</summary>
    public DeliveryRecord Next(LeasedDelivery delivery, AttemptData attempt)
    {
        if (database.Dialect.HasOneWriter)
        {
            // Nobody else can have this store, so that nobody else can read it.
            return DeliveryRecord.Park(delivery, attempt);
        }

        _metAt.TryAdd(delivery.WebhookId, clock.Now);
        return DeliveryRecord.Release(delivery, clock.Now + (long)Pause.TotalMilliseconds);
    }

    /// <summary>The next one that is met has the whole grace again.</summary>
    public void Forget(long webhookId) => _metAt.TryRemove(webhookId, out _);
}
