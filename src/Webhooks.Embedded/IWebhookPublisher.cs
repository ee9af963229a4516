using System.Text.Json;

namespace Webhooks.Embedded;

/// <summary>Publishes events: one occurrence of a trigger, delivered to every webhook that wants it.</summary>
/// <remarks>
/// Each method returns when the event and all its deliveries are durable; from then on every delivery is attempted at least
/// once until it is delivered, exhausted, cancelled or parked. A method that throws has stored nothing, but for two cases in which
/// the event may be stored: the wait was cancelled, or the connection was lost during the commit itself. Publish again with the same
/// <see cref="PublishOptions.IdempotencyKey"/> to be sure.
/// </remarks>
/// <example><code>await webhooks.PublishAsync(new OrderPaid(id, total), cancellationToken);</code></example>
public interface IWebhookPublisher
{
    /// <summary>Publishes an event of the trigger that was registered for <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A payload type known from <c>AddTrigger&lt;T&gt;(…)</c>, registered for exactly one trigger.</typeparam>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="cancellationToken">Stops waiting. The event may be stored all the same once it is on its way to the disk.</param>
    /// <exception cref="WebhookValidationException">No trigger, or more than one, has this payload type; or the payload is too large.</exception>
    /// <exception cref="WebhookStoreException">The store could not take the event; nothing is stored.</exception>
    Task<PublishedEvent> PublishAsync<T>(T payload, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <inheritdoc cref="PublishAsync{T}(T, CancellationToken)"/>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="options">Tenant, target, idempotency key.</param>
    /// <param name="cancellationToken">Stops waiting. The event may be stored all the same once it is on its way to the disk.</param>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload.</exception>
    Task<PublishedEvent> PublishAsync<T>(T payload, PublishOptions options, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <summary>Publishes an event of the trigger of that name.</summary>
    /// <param name="trigger">A name from the catalogue, such as <c>order.paid</c>.</param>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <param name="cancellationToken">Stops waiting. The event may be stored all the same once it is on its way to the disk.</param>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the payload is too large.</exception>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload.</exception>
    /// <exception cref="WebhookStoreException">The store could not take the event; nothing is stored.</exception>
    Task<PublishedEvent> PublishAsync(
        string trigger, object payload, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes a payload that is JSON already. Receivers get exactly these bytes.</summary>
    /// <param name="trigger">A name from the catalogue, such as <c>order.paid</c>.</param>
    /// <param name="utf8Json">One JSON value in UTF-8, without a byte order mark.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <param name="cancellationToken">Stops waiting. The event may be stored all the same once it is on its way to the disk.</param>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the payload is not JSON or too large.</exception>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload.</exception>
    /// <exception cref="WebhookStoreException">The store could not take the event; nothing is stored.</exception>
    Task<PublishedEvent> PublishJsonAsync(
        string trigger, ReadOnlyMemory<byte> utf8Json, PublishOptions? options = null, CancellationToken cancellationToken = default);
}
