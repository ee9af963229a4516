using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Webhooks.Embedded;

/// <summary>Publishes events: one occurrence of a trigger, delivered to every webhook that wants it.</summary>
/// <remarks>
/// Each method returns when the event and all its deliveries are durable; from then on every delivery is attempted at least
/// once until it is delivered, exhausted, cancelled or parked. A method that throws has stored nothing, but for two cases in which
/// the event may be stored: the wait was cancelled, or the connection was lost during the commit itself. Publish again with the same
/// <see cref="PublishOptions.IdempotencyKey"/> to be sure.
/// <para>
/// With a transaction of the app, right after the payload, event and deliveries are written on its connection: they exist exactly if it
/// commits, and nobody sees them before. The transaction must be of the database that webhooks are kept in. Call
/// <see cref="PublishedEvent.Notify"/> after the commit to have the event delivered at once. While such a transaction is open, do not await
/// the methods without one where the store is SQLite: they wait for its only writer, which is the transaction.
/// </para>
/// </remarks>
/// <example>
/// <code>await webhooks.PublishAsync(new OrderPaid(id, total), cancellationToken);</code>
/// <code>
/// var published = await webhooks.PublishAsync(new OrderPaid(id, total), transaction, cancellationToken);
/// await transaction.CommitAsync(cancellationToken);
/// published.Notify();
/// </code>
/// </example>
public interface IWebhookPublisher
{
    // Where an argument such as new() or null fits both, the overload without a transaction is meant; hence the priorities below.

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

    /// <summary>Publishes an event of the trigger that was registered for <typeparamref name="T"/> in a transaction of the app: it exists exactly if that commits.</summary>
    /// <typeparam name="T">A payload type known from <c>AddTrigger&lt;T&gt;(…)</c>, registered for exactly one trigger.</typeparam>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="transaction">An open transaction on the database that webhooks are kept in. It is neither committed nor rolled back here.</param>
    /// <param name="cancellationToken">Stops the writing. What the transaction is worth then, its driver says.</param>
    /// <exception cref="WebhookValidationException">No trigger, or more than one, has this payload type; or the payload is too large. The transaction was not touched.</exception>
    /// <exception cref="ArgumentException">The transaction is of another engine or another database, or has ended.</exception>
    /// <exception cref="WebhookStoreException">The event could not be written. Roll the transaction back; where the failure is transient, all of it may be tried again.</exception>
    [OverloadResolutionPriority(-1)]
    Task<PublishedEvent> PublishAsync<T>(T payload, DbTransaction transaction, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <inheritdoc cref="PublishAsync{T}(T, DbTransaction, CancellationToken)"/>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="transaction">An open transaction on the database that webhooks are kept in. It is neither committed nor rolled back here.</param>
    /// <param name="options">Tenant, target, idempotency key.</param>
    /// <param name="cancellationToken">Stops the writing. What the transaction is worth then, its driver says.</param>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload. The transaction can be used on.</exception>
    Task<PublishedEvent> PublishAsync<T>(
        T payload, DbTransaction transaction, PublishOptions options, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <summary>Publishes an event of the trigger of that name in a transaction of the app: it exists exactly if that commits.</summary>
    /// <param name="trigger">A name from the catalogue, such as <c>order.paid</c>.</param>
    /// <param name="payload">What receivers get, serialised once with <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="transaction">An open transaction on the database that webhooks are kept in. It is neither committed nor rolled back here.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <param name="cancellationToken">Stops the writing. What the transaction is worth then, its driver says.</param>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the payload is too large. The transaction was not touched.</exception>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload. The transaction can be used on.</exception>
    /// <exception cref="ArgumentException">The transaction is of another engine or another database, or has ended.</exception>
    /// <exception cref="WebhookStoreException">The event could not be written. Roll the transaction back; where the failure is transient, all of it may be tried again.</exception>
    [OverloadResolutionPriority(-1)]
    Task<PublishedEvent> PublishAsync(
        string trigger, object payload, DbTransaction transaction, PublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes a payload that is JSON already in a transaction of the app: the event exists exactly if that commits.</summary>
    /// <param name="trigger">A name from the catalogue, such as <c>order.paid</c>.</param>
    /// <param name="utf8Json">One JSON value in UTF-8, without a byte order mark.</param>
    /// <param name="transaction">An open transaction on the database that webhooks are kept in. It is neither committed nor rolled back here.</param>
    /// <param name="options">Tenant, target, idempotency key. Default: none of them.</param>
    /// <param name="cancellationToken">Stops the writing. What the transaction is worth then, its driver says.</param>
    /// <exception cref="WebhookValidationException">The trigger is not in the catalogue, or the payload is not JSON or too large. The transaction was not touched.</exception>
    /// <exception cref="WebhookIdempotencyConflictException">The key was used before, with another trigger or payload. The transaction can be used on.</exception>
    /// <exception cref="ArgumentException">The transaction is of another engine or another database, or has ended.</exception>
    /// <exception cref="WebhookStoreException">The event could not be written. Roll the transaction back; where the failure is transient, all of it may be tried again.</exception>
    [OverloadResolutionPriority(-1)]
    Task<PublishedEvent> PublishJsonAsync(
        string trigger,
        ReadOnlyMemory<byte> utf8Json,
        DbTransaction transaction,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default);
}
