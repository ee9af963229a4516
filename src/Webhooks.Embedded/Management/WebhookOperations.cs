using Webhooks.Embedded.Dispatching;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Starts operations, shows them and stops them.</summary>
internal sealed class WebhookOperations(OperationRepository operations, DeliveryRepository deliveries, OperationSignal signal) : IWebhookOperations
{
    private const int MaxCount = 100_000;
    private const int SampleSize = 10;
    private const int MaxTextLength = 255;

    public IWebhookOperations ForTenant(string tenant) =>
        new WebhookOperations(operations.ForTenant(tenant), deliveries.ForTenant(tenant), signal);

    public async Task<WebhookOperationPreview> PreviewAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        PageRules.CheckIds(query);
        var filters = StoredQuery.OnlyFilters(query);
        var count = await deliveries.CountAsync(filters, MaxCount + 1, cancellationToken);
        var sample = await deliveries.ListAsync(filters, long.MaxValue, SampleSize, cancellationToken);
        return new WebhookOperationPreview(Math.Min(count, MaxCount), count > MaxCount, sample);
    }

    public async Task<WebhookOperation> StartAsync(
        WebhookOperationKind kind, WebhookDeliveryQuery query, WebhookOperationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        options ??= new WebhookOperationOptions();
        Check(kind, query, options);

        // The cut-off: what is published from here on is none of its business.
        var beforeId = await deliveries.LastIdAsync(cancellationToken) + 1;
        var filters = StoredQuery.OnlyFilters(query);
        var matched = await deliveries.CountAsync(filters, beforeId, MaxCount + 1, cancellationToken);
        var operation = await operations.InsertAsync(
            new NewOperation(
                kind, filters, options.Rate, beforeId, Math.Min(matched, MaxCount), matched > MaxCount, options.CreatedBy, options.IdempotencyKey),
            cancellationToken);
        if (operation.Kind != kind || StoredQuery.Write(operation.Query) != StoredQuery.Write(filters))
        {
            // The key had started it before. To answer with it would say that this is being done, and it is something else.
            throw new WebhookOperationConflictException(options.IdempotencyKey!, operation.Id);
        }

        // Checkpoint: it is durable. If the process dies here, a dispatcher finds it by looking.
        signal.Wake();
        return operation;
    }

    public Task<WebhookOperation?> FindAsync(Guid id, CancellationToken cancellationToken = default) => operations.FindAsync(id, cancellationToken);

    public async Task<WebhookPage<WebhookOperation>> ListAsync(
        string? cursor = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        PageRules.Check(limit);
        var rows = await operations.ListAsync(PageRules.Read(cursor, start: long.MaxValue), limit + 1, cancellationToken);
        return PageRules.Page(rows, limit, row => row.Id, row => row.Operation);
    }

    public Task<WebhookOperation?> CancelAsync(Guid id, CancellationToken cancellationToken = default) =>
        operations.CancelAsync(id, cancellationToken);

    private static void Check(WebhookOperationKind kind, WebhookDeliveryQuery query, WebhookOperationOptions options)
    {
        var faults = new List<WebhookFieldError>();
        if (!Enum.IsDefined(kind))
        {
            faults.Add(new("kind", "unknown_value", "It must be retry or cancel."));
        }

        if (options.Rate is < OperationPace.MinRate or > OperationPace.MaxRate)
        {
            faults.Add(new("rate", "out_of_range", $"It is {options.Rate}; it must be from {OperationPace.MinRate} to {OperationPace.MaxRate} a second."));
        }

        if (options.CreatedBy is { Length: > MaxTextLength })
        {
            faults.Add(new("createdBy", "too_long", $"It has {options.CreatedBy.Length} characters; at most {MaxTextLength} are allowed."));
        }

        if (options.IdempotencyKey is { Length: 0 or > MaxTextLength })
        {
            faults.Add(new("idempotencyKey", "out_of_range", $"It must have 1 to {MaxTextLength} characters, or be left out."));
        }

        // A slip in a filter must not send everything again.
        if (!options.All && StoredQuery.IsUnfiltered(query))
        {
            faults.Add(new("filter", "required", "It filters nothing. Name what is meant, or say by \"all\" that it is all deliveries."));
        }

        if (faults.Count > 0)
        {
            throw new WebhookValidationException(faults);
        }

        PageRules.CheckIds(query);
    }
}
