namespace Webhooks.Embedded;

/// <summary>Registers webhooks and manages them.</summary>
public interface IWebhookRegistry
{
    /// <summary>The same for one tenant: webhooks of others are not found, and new ones are this tenant's.</summary>
    /// <param name="tenant">The tenant; the empty string is the one of apps that have none.</param>
    /// <exception cref="InvalidOperationException">This is another tenant's already.</exception>
    IWebhookRegistry ForTenant(string tenant);

    /// <summary>Registers a webhook.</summary>
    /// <returns>The webhook with its secret, which is not shown again.</returns>
    /// <exception cref="WebhookValidationException">
    /// A setting is missing or not valid, or the tenant has <see cref="WebhooksOptions.MaxWebhooksPerTenant"/> webhooks already: then the code
    /// is <c>too_many_webhooks</c>.
    /// </exception>
    Task<WebhookWithSecret> CreateAsync(WebhookSettings settings, CancellationToken cancellationToken = default);

    /// <summary>Registers a webhook where its tenant has fewer than so many, also when several are registered at once.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="maxWebhooks">How many webhooks the tenant may have, 1 or more. <see cref="WebhooksOptions.MaxWebhooksPerTenant"/> holds as well.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook with its secret, which is not shown again.</returns>
    /// <exception cref="WebhookValidationException">
    /// A setting is missing or not valid, or the tenant has so many webhooks already: then the code is <c>too_many_webhooks</c>.
    /// </exception>
    Task<WebhookWithSecret> CreateAsync(WebhookSettings settings, int maxWebhooks, CancellationToken cancellationToken = default);

    /// <summary>The webhook with this number, or null. Deleted webhooks are not found.</summary>
    Task<Webhook?> FindAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>The webhook with this UUID, or null. Deleted webhooks are not found.</summary>
    Task<Webhook?> FindAsync(Guid uid, CancellationToken cancellationToken = default);

    /// <summary>A page of webhooks, in the order of their numbers.</summary>
    Task<WebhookPage<Webhook>> ListAsync(WebhookQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces a webhook's settings. Attempts already under way end with the old ones; every later attempt uses the new ones.
    /// The tenant never changes, and no <see cref="WebhookSettings.Secret"/> keeps the secret. A given secret replaces the old one at once,
    /// without overlap (<see cref="RotateSecretAsync"/> has one).
    /// </summary>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    /// <exception cref="WebhookValidationException">A setting is missing or not valid.</exception>
    Task<Webhook?> ChangeAsync(long id, WebhookSettings settings, CancellationToken cancellationToken = default);

    /// <summary>The same, if the webhook was not changed since it was read.</summary>
    /// <param name="id">The webhook's number.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="version">The <see cref="Webhook.Version"/> that was read.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    /// <exception cref="WebhookValidationException">A setting is missing or not valid.</exception>
    /// <exception cref="WebhookChangedException">It was changed meanwhile. Nothing was stored.</exception>
    Task<Webhook?> ChangeAsync(long id, WebhookSettings settings, long version, CancellationToken cancellationToken = default);

    /// <summary>
    /// Enables a webhook, so that it gets events published from now on. What failed before counts no more, and it begins slowly: one attempt at once, and
    /// more with every ten that succeed.
    /// </summary>
    /// <param name="id">The webhook's number.</param>
    /// <param name="sendParked">
    /// Whether the deliveries that were parked are sent: by an operation (<see cref="IWebhookOperations"/>) that retries 50 a second. For another rate, or to
    /// watch it, start that operation yourself after enabling. Default: they stay parked.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    Task<Webhook?> EnableAsync(long id, bool sendParked = false, CancellationToken cancellationToken = default);

    /// <summary>Disables a webhook: it gets no new events, and its unfinished deliveries are parked, never deleted.</summary>
    /// <param name="id">The webhook's number.</param>
    /// <param name="reason">Shown to people. Default: none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    Task<Webhook?> DisableAsync(long id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a webhook with its secrets. Its unfinished deliveries are cancelled; its log stays readable until retention takes it.
    /// </summary>
    /// <returns>The webhook as it was, or null where there is none.</returns>
    Task<Webhook?> DeleteAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>
    /// The secrets that sign at this moment, the newest first; null where there is no such webhook. Who may see them is for the app to
    /// decide; they are not to be logged.
    /// </summary>
    /// <exception cref="WebhookSecretUnreadableException">The keys are missing that one of them was protected with.</exception>
    Task<IReadOnlyList<string>?> RevealSecretsAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>Gives a webhook a new secret. For the overlap, attempts are signed with the new and the old one.</summary>
    /// <param name="id">The webhook's number.</param>
    /// <param name="secret">The new secret. Default: a generated one.</param>
    /// <param name="overlap">How long the old secret signs as well, 0 to 7 days. Default: 24 hours.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook with its new secret, which is not shown again, or null where there is none.</returns>
    /// <exception cref="WebhookValidationException">The secret or the overlap is not valid, or three secrets are active already.</exception>
    Task<WebhookWithSecret?> RotateSecretAsync(
        long id, string? secret = null, TimeSpan? overlap = null, CancellationToken cancellationToken = default);

    /// <summary>Erases the secrets that sign beside the current one until their overlap ends, at once: whoever has only those can no longer verify.</summary>
    /// <param name="id">The webhook's number.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The webhook as it is now, or null where there is none.</returns>
    Task<Webhook?> RevokeSecretsAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>What may be known of the secrets that sign at this moment, the newest first; null where there is no such webhook. Not the secrets themselves.</summary>
    Task<IReadOnlyList<WebhookSecretInfo>?> ListSecretsAsync(long id, CancellationToken cancellationToken = default);
}
