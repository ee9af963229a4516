namespace Webhooks.Embedded;

/// <summary>
/// Retries or cancels all deliveries that a query finds, in small steps at a rate, by whichever node has a dispatcher. An operation is stored with
/// its progress: it survives restarts, and no delivery is taken twice by the same one.
/// </summary>
public interface IWebhookOperations
{
    /// <summary>The same for one tenant: operations of others are not found, and new ones are about this tenant's deliveries alone.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookOperations ForTenant(string tenant);

    /// <summary>What an operation with this query would be about, as of now. Nothing is stored.</summary>
    /// <param name="query">Which deliveries. Its page and whether payloads come with it count for nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<WebhookOperationPreview> PreviewAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Starts an operation and returns when it is durable. It goes from the newest to the oldest of the deliveries that exist now. Each is looked at
    /// when its turn comes: what the query no longer finds by then is left out.
    /// </summary>
    /// <param name="kind">What to do with each delivery.</param>
    /// <param name="query">Which deliveries. Its page and whether payloads come with it count for nothing.</param>
    /// <param name="options">Rate, who starts it, an idempotency key. Default: 50 deliveries a second.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The operation; where the idempotency key was given before, the one that it started.</returns>
    /// <exception cref="WebhookValidationException">An option is not valid, or the query filters nothing and <see cref="WebhookOperationOptions.All"/> is not set.</exception>
    /// <exception cref="WebhookOperationConflictException">The idempotency key was used before, for another kind or query. Nothing is started.</exception>
    Task<WebhookOperation> StartAsync(
        WebhookOperationKind kind, WebhookDeliveryQuery query, WebhookOperationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>The operation with this id and how far it has come, or null.</summary>
    Task<WebhookOperation?> FindAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>A page of operations, the newest first. Finished ones are kept as long as the log.</summary>
    /// <param name="cursor"><see cref="WebhookPage{T}.Next"/> of the page before. Default: null, the newest ones.</param>
    /// <param name="limit">How many at most, 1 to 1,000. Default: 50.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="WebhookValidationException">The cursor or the limit is not valid.</exception>
    Task<WebhookPage<WebhookOperation>> ListAsync(string? cursor = null, int limit = 50, CancellationToken cancellationToken = default);

    /// <summary>Stops an operation. When this returns, it does nothing more; what it has done stays done.</summary>
    /// <returns>The operation as it is now, also where it had ended before; null where there is none.</returns>
    Task<WebhookOperation?> CancelAsync(Guid id, CancellationToken cancellationToken = default);
}
