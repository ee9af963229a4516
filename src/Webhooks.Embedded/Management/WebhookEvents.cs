using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Reads published events.</summary>
internal sealed class WebhookEvents(EventRepository events) : IWebhookEvents
{
    public IWebhookEvents ForTenant(string tenant) => new WebhookEvents(events.ForTenant(tenant));

    public Task<WebhookEvent?> FindAsync(Guid id, CancellationToken cancellationToken = default) => events.FindAsync(id, cancellationToken);

    public async Task<WebhookPage<WebhookEvent>> ListAsync(WebhookEventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        PageRules.Check(query.Limit);
        var before = PageRules.Read(query.Cursor, start: long.MaxValue);
        var rows = await events.ListAsync(query with { Limit = query.Limit + 1 }, before, cancellationToken);
        return PageRules.Page(rows, query.Limit, row => row.Id, row => row.Event);
    }
}
