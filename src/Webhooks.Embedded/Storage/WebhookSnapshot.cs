using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Webhooks.Embedded.Storage;

/// <summary>All webhooks as they were at one version of the store. Immutable, but for what it remembers of questions asked before.</summary>
internal sealed class WebhookSnapshot
{
    /// <summary>Before the store was first read.</summary>
    public static readonly WebhookSnapshot None = new(store: 0, version: -1, []);

    // Tenants come and go by the thousands, and triggers are few; beyond this many pairs the answers are worked out anew.
    private const int MaxRemembered = 10_000;

    private readonly FrozenDictionary<long, KnownWebhook> _byId;
    private readonly ILookup<string, KnownWebhook> _byTenant;
    private readonly ConcurrentDictionary<(string Tenant, string Trigger), InterestedWebhooks> _byTrigger = new();

    public WebhookSnapshot(long store, long version, IReadOnlyCollection<KnownWebhook> webhooks)
    {
        Store = store;
        Version = version;
        _byId = webhooks.ToFrozenDictionary(webhook => webhook.Id);
        _byTenant = webhooks.Where(webhook => webhook.Enabled).ToLookup(webhook => webhook.Tenant, StringComparer.Ordinal);
        RateLimited = [.. webhooks.Where(webhook => webhook is { Enabled: true, RateLimit: not null })];
    }

    /// <summary>The number that tells the store from every other.</summary>
    public long Store { get; }

    public long Version { get; }

    /// <summary>Those enabled webhooks that have a rate limit.</summary>
    public IReadOnlyList<KnownWebhook> RateLimited { get; }

    /// <summary>The enabled webhooks of a tenant.</summary>
    public IEnumerable<KnownWebhook> OfTenant(string tenant) => _byTenant[tenant];

    /// <summary>Every webhook.</summary>
    public IReadOnlyList<KnownWebhook> All => _byId.Values;

    /// <summary>The webhook with this number; null where it was deleted.</summary>
    public KnownWebhook? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>A delivery for each enabled webhook of the tenant that wants an event of this trigger, target and payload.</summary>
    public NewDelivery[] Match(string tenant, string trigger, string? target, ReadOnlySpan<byte> payload)
    {
        if (!_byTrigger.TryGetValue((tenant, trigger), out var webhooks))
        {
            webhooks = new InterestedWebhooks(
                _byTenant[tenant].Where(webhook => webhook.Patterns.Any(pattern => TriggerPattern.Matches(pattern, trigger))));
            if (_byTrigger.Count < MaxRemembered)
            {
                _byTrigger.TryAdd((tenant, trigger), webhooks);
            }
        }

        return webhooks.Match(target, payload);
    }
}
