using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Dispatching;

/// <summary>The lanes that have something, and how the receivers of some thousand others answered last. Of the others nothing is known.</summary>
internal sealed class KnownLanes(WebhookDirectory webhooks, int concurrencyPerTenant)
{
    private const int MaxIdle = 4096;

    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly Dictionary<string, TenantLanes> _tenants = new(StringComparer.Ordinal);

    /// <summary>Those that have something, or of which the last claim left something behind.</summary>
    public LinkedList<Lane> Busy { get; } = new();

    /// <summary>Those that have nothing and answered quickly, the one that was not needed for the longest time first.</summary>
    public LinkedList<Lane> Idle { get; } = new();

    /// <summary>Those that have nothing and did not answer quickly.</summary>
    public LinkedList<Lane> IdleSlow { get; } = new();

    public IEnumerable<TenantLanes> Tenants => _tenants.Values;

    public Lane? Find(long webhookId) => _lanes.GetValueOrDefault(webhookId);

    /// <summary>The lane of a webhook, for something to be put into it.</summary>
    public Lane Use(long webhookId)
    {
        if (!_lanes.TryGetValue(webhookId, out var lane))
        {
            lane = new Lane(webhookId, TenantOf(webhookId));
            lane.Tenant.Lanes++;
            _lanes.Add(webhookId, lane);
        }

        MoveTo(Busy, lane);
        return lane;
    }

    /// <summary>To be called when something has left a lane.</summary>
    public void Settle(Lane lane)
    {
        if (!lane.IsEmpty || lane.HasMoreDue)
        {
            return;
        }

        if (lane is { IsSlow: false, AnsweredAt: null })
        {
            Forget(lane);
            return;
        }

        lane.Trim();
        MoveTo(lane.IsSlow ? IdleSlow : Idle, lane);
        if (Idle.Count + IdleSlow.Count > MaxIdle)
        {
            Forget((Idle.First ?? IdleSlow.First)!.Value);
        }
    }

    private void Forget(Lane lane)
    {
        lane.Place.List?.Remove(lane.Place);
        _lanes.Remove(lane.WebhookId);
        if (--lane.Tenant.Lanes == 0)
        {
            _tenants.Remove(lane.Tenant.Tenant);
        }
    }

    private TenantLanes TenantOf(long webhookId)
    {
        var name = webhooks.Current.Find(webhookId)?.Tenant ?? "";
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            // The empty one is the tenant of apps that have none.
            _tenants.Add(name, tenant = new TenantLanes(name, name.Length == 0 ? int.MaxValue : concurrencyPerTenant));
        }

        return tenant;
    }

    private static void MoveTo(LinkedList<Lane> list, Lane lane)
    {
        if (lane.Place.List != list)
        {
            lane.Place.List?.Remove(lane.Place);
            list.AddLast(lane.Place);
        }
    }
}
