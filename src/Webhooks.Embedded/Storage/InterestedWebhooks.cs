namespace Webhooks.Embedded.Storage;

/// <summary>The enabled webhooks of a tenant that want a trigger, and what they ask of its events. Without filters no payload is looked into.</summary>
internal sealed class InterestedWebhooks
{
    private readonly KnownWebhook[] _webhooks;
    private readonly PayloadPaths? _paths;

    public InterestedWebhooks(IEnumerable<KnownWebhook> webhooks)
    {
        _webhooks = [.. webhooks];
        string[] paths = [.. _webhooks.SelectMany(webhook => webhook.Filters).Select(filter => filter.Path)];
        _paths = paths.Length == 0 ? null : new PayloadPaths(paths);
    }

    /// <summary>A delivery for each of them that wants an event of this target and payload.</summary>
    public NewDelivery[] Match(string? target, ReadOnlySpan<byte> payload)
    {
        var values = _paths?.Read(payload);
        var deliveries = new List<NewDelivery>(_webhooks.Length);
        foreach (var webhook in _webhooks)
        {
            if ((webhook.Target is null || webhook.Target == target) && (webhook.Filters.Count == 0 || AreMet(webhook.Filters, values!)))
            {
                deliveries.Add(new NewDelivery(webhook.Id));
            }
        }

        return [.. deliveries];
    }

    private bool AreMet(IReadOnlyList<WebhookFilter> filters, string?[] values) =>
        filters.All(filter => values[_paths!.PlaceOf(filter.Path)] == filter.Value);
}
