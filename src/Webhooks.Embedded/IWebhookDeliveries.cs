namespace Webhooks.Embedded;

/// <summary>Reads the log, that is deliveries and their attempts, and retries or cancels deliveries.</summary>
public interface IWebhookDeliveries
{
    /// <summary>The same for one tenant: what belongs to others is not found.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookDeliveries ForTenant(string tenant);

    /// <summary>The delivery with this id and its event's payload, or null.</summary>
    Task<WebhookDelivery?> FindAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>
    /// The deliveries with these ids and their events' payloads, in the order asked for. Unknown ids are left out, doubled ones come once.
    /// </summary>
    /// <exception cref="WebhookValidationException">There are more than 1,000 ids.</exception>
    Task<IReadOnlyList<WebhookDelivery>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);

    /// <summary>A page of deliveries, unfinished and finished together, the newest first.</summary>
    /// <exception cref="WebhookValidationException">The cursor, the limit or the offset is not valid.</exception>
    Task<WebhookPage<WebhookDelivery>> ListAsync(WebhookDeliveryQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many deliveries a query finds, whatever its page. Counting stops at <paramref name="atMost"/>.</summary>
    Task<int> CountAsync(WebhookDeliveryQuery query, int atMost = 10_000, CancellationToken cancellationToken = default);

    /// <summary>Every attempt of a delivery, the first one first. Empty where it has none, or is unknown.</summary>
    Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes a delivery due now, whether it is waiting, parked or finished. Receivers see the same <c>webhook-id</c> and the same bytes.
    /// Returns when that is durable; the attempt itself follows.
    /// </summary>
    Task<WebhookRetryResult> RetryAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>Makes many deliveries due now, in one transaction.</summary>
    /// <param name="ids">At most 1,000 ids; doubled ones count once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What became of each id, in the order asked for.</returns>
    /// <exception cref="WebhookValidationException">There are too many ids.</exception>
    Task<IReadOnlyList<WebhookRetry>> RetryAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a delivery up that is not finished: it is finished as <see cref="WebhookDeliveryStatus.Cancelled"/>, with its last attempt.
    /// What is under way ends by itself first. Returns when that is durable. A retry takes it back.
    /// </summary>
    Task<WebhookCancelResult> CancelAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>Gives many deliveries up, in one transaction.</summary>
    /// <param name="ids">At most 1,000 ids; doubled ones count once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What became of each id, in the order asked for.</returns>
    /// <exception cref="WebhookValidationException">There are too many ids.</exception>
    Task<IReadOnlyList<WebhookCancellation>> CancelAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken = default);
}

/// <summary>What became of a retry that was asked for.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="Result">What became of it.</param>
public sealed record WebhookRetry(long Id, WebhookRetryResult Result);

/// <summary>What became of a retry that was asked for.</summary>
public enum WebhookRetryResult
{
    /// <summary>The delivery is due now.</summary>
    Queued,

    /// <summary>An attempt is under way already; no second one is started.</summary>
    UnderWay,

    /// <summary>There is no such delivery; where an event is sent to a webhook, no such webhook.</summary>
    NotFound,

    /// <summary>The webhook is disabled; enable it first.</summary>
    WebhookDisabled,

    /// <summary>The webhook was deleted.</summary>
    WebhookDeleted,

    /// <summary>The event's payload was taken by retention, so that there is nothing left to send.</summary>
    PayloadExpired,
}

/// <summary>What became of a cancellation that was asked for.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="Result">What became of it.</param>
public sealed record WebhookCancellation(long Id, WebhookCancelResult Result);

/// <summary>What became of a cancellation that was asked for.</summary>
public enum WebhookCancelResult
{
    /// <summary>The delivery is finished as cancelled; nothing more is sent.</summary>
    Cancelled,

    /// <summary>An attempt is under way; the delivery was not touched.</summary>
    UnderWay,

    /// <summary>The delivery was finished before.</summary>
    AlreadyFinished,

    /// <summary>There is no such delivery.</summary>
    NotFound,
}
