using System.Diagnostics.CodeAnalysis;
using Webhooks.Embedded.Signing;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Management;

/// <summary>Registers webhooks and manages them. A change is known to this node when the call returns.</summary>
internal sealed class WebhookRegistry(
    WebhookRepository webhooks,
    QueueRepository queue,
    CancelRepository cancellations,
    IWebhookOperations operations,
    WebhookDirectory directory,
    IWebhookTriggers triggers,
    SignatureProfiles profiles,
    SecretVault vault,
    LiveOptions options,
    TenantScope scope = default) : IWebhookRegistry
{
    private const int MaxSecrets = 3;
    private static readonly TimeSpan DefaultOverlap = TimeSpan.FromHours(24);
    private static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    public IWebhookRegistry ForTenant(string tenant) =>
        new WebhookRegistry(
            webhooks.ForTenant(tenant),
            queue.ForTenant(tenant),
            cancellations.ForTenant(tenant),
            operations.ForTenant(tenant),
            directory,
            triggers,
            profiles,
            vault,
            options,
            scope.To(tenant));

    public Task<WebhookWithSecret> CreateAsync(WebhookSettings settings, CancellationToken cancellationToken = default) =>
        CreateWithinAsync(settings, options.Current.MaxWebhooksPerTenant, cancellationToken);

    public Task<WebhookWithSecret> CreateAsync(WebhookSettings settings, int maxWebhooks, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWebhooks, 1);
        var limit = options.Current.MaxWebhooksPerTenant;
        return CreateWithinAsync(settings, limit == 0 ? maxWebhooks : Math.Min(maxWebhooks, limit), cancellationToken);
    }

    public async Task<Webhook?> FindAsync(long id, CancellationToken cancellationToken = default) =>
        Show(await webhooks.FindAsync(id, cancellationToken));

    public async Task<Webhook?> FindAsync(Guid uid, CancellationToken cancellationToken = default) =>
        Show(await webhooks.FindAsync(uid, cancellationToken));

    public async Task<WebhookPage<Webhook>> ListAsync(WebhookQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        PageRules.Check(query.Limit);
        var after = PageRules.Read(query.Cursor, start: 0);
        var rows = await webhooks.ListAsync(query with { Limit = query.Limit + 1 }, after, cancellationToken);
        return PageRules.Page(rows, query.Limit, webhook => webhook.Id, webhook => Show(webhook));
    }

    public Task<Webhook?> ChangeAsync(long id, WebhookSettings settings, CancellationToken cancellationToken = default) =>
        ChangeAsync(id, settings, expectedVersion: null, cancellationToken);

    public Task<Webhook?> ChangeAsync(long id, WebhookSettings settings, long version, CancellationToken cancellationToken = default) =>
        ChangeAsync(id, settings, expectedVersion: version, cancellationToken);

    public async Task<Webhook?> EnableAsync(long id, bool sendParked = false, CancellationToken cancellationToken = default)
    {
        var (webhook, version) = await webhooks.SetEnabledAsync(id, enabled: true, reason: null, cancellationToken);
        await RefreshAsync(version);
        if (webhook is not null && sendParked)
        {
            // If the process dies here, the webhook is enabled and what was parked stays so, until somebody enables it once more or retries them.
            var parked = new WebhookDeliveryQuery { WebhookId = id, Statuses = [WebhookDeliveryStatus.Parked] };
            await operations.StartAsync(WebhookOperationKind.Retry, parked, cancellationToken: cancellationToken);
        }

        return Show(webhook);
    }

    public async Task<Webhook?> DisableAsync(long id, string? reason = null, CancellationToken cancellationToken = default)
    {
        var (webhook, version) = await webhooks.SetEnabledAsync(id, enabled: false, reason, cancellationToken);

        // If the process dies here, what is due is parked one by one as its turn comes: the dispatcher sees that the webhook is disabled.
        await RefreshAsync(version);
        if (webhook is not null)
        {
            await queue.ParkAsync(id, cancellationToken);
        }

        return Show(webhook);
    }

    public async Task<Webhook?> DeleteAsync(long id, CancellationToken cancellationToken = default)
    {
        var (webhook, version) = await webhooks.DeleteAsync(id, cancellationToken);

        // If the process dies here, what is due is cancelled one by one as its turn comes: the dispatcher does not find the webhook.
        await RefreshAsync(version);
        if (webhook is not null)
        {
            await cancellations.CancelOfWebhookAsync(id, cancellationToken);
        }

        return webhook;
    }

    public async Task<IReadOnlyList<string>?> RevealSecretsAsync(long id, CancellationToken cancellationToken = default) =>
        await webhooks.SecretsAsync(id, cancellationToken) is not { } secrets
            ? null
            : [.. secrets.Select(secret => vault.TryRead(SecretVault.SecretPurpose, secret.Secret, out var text)
                ? text
                : throw new WebhookSecretUnreadableException(id))];

    public async Task<IReadOnlyList<WebhookSecretInfo>?> ListSecretsAsync(long id, CancellationToken cancellationToken = default) =>
        await webhooks.SecretsAsync(id, cancellationToken) is not { } secrets ? null : [.. secrets.Select(Info)];

    public async Task<Webhook?> RevokeSecretsAsync(long id, CancellationToken cancellationToken = default)
    {
        var (webhook, version) = await webhooks.RevokeSecretsAsync(id, cancellationToken);
        await RefreshAsync(version);
        return Show(webhook);
    }

    public async Task<WebhookWithSecret?> RotateSecretAsync(
        long id, string? secret = null, TimeSpan? overlap = null, CancellationToken cancellationToken = default)
    {
        var overlapTime = overlap ?? DefaultOverlap;
        if (overlapTime < TimeSpan.Zero || overlapTime > MaxOverlap)
        {
            throw new WebhookValidationException("overlap", "out_of_range", "It must be from 0 to 7 days.");
        }

        if (secret is not null && SecretText.Check(secret) is { } error)
        {
            throw new WebhookValidationException([error]);
        }

        var newSecret = secret ?? SecretText.Generate();
        var (webhook, version) = await webhooks.RotateSecretAsync(id, newSecret, overlapTime, CheckCount, cancellationToken);
        await RefreshAsync(version);
        return webhook is null ? null : new WebhookWithSecret(Show(webhook), newSecret);
    }

    /// <param name="settings">The settings.</param>
    /// <param name="max">How many webhooks the tenant may have; 0: as many as it wants.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async Task<WebhookWithSecret> CreateWithinAsync(WebhookSettings settings, int max, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings = settings with { Tenant = scope.Tenant ?? settings.Tenant };
        Check(settings);
        var secret = settings.Secret ?? SecretText.Generate();
        var (webhook, version) = await webhooks.InsertAsync(settings, secret, max == 0 ? null : there => CheckRoom(there, max), cancellationToken);
        await RefreshAsync(version);
        return new WebhookWithSecret(Show(webhook), secret);
    }

    private async Task<Webhook?> ChangeAsync(long id, WebhookSettings settings, long? expectedVersion, CancellationToken cancellationToken)
    {
        Check(settings);
        var (webhook, version) = await webhooks.UpdateAsync(id, settings, expectedVersion, cancellationToken);
        await RefreshAsync(version);
        if (webhook is { Enabled: false })
        {
            await queue.ParkAsync(id, cancellationToken);
        }

        return Show(webhook);
    }

    private WebhookSecretInfo Info(SecretRow secret)
    {
        var isReadable = vault.TryRead(SecretVault.SecretPurpose, secret.Secret, out var text);
        return new()
        {
            Hint = isReadable ? SecretText.Hint(text!) : "",
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(secret.CreatedAt),
            ExpiresAt = StoredTime.Read(secret.ExpiresAt),
            Readable = isReadable,
        };
    }

    /// <summary>With what this node alone knows of it. A webhook of another node's that is not known here yet is taken for readable.</summary>
    [return: NotNullIfNotNull(nameof(webhook))]
    private Webhook? Show(Webhook? webhook) =>
        webhook is null ? null : webhook with { SecretReadable = directory.Current.Find(webhook.Id)?.IsReadable ?? true };

    private static void CheckRoom(int there, int max)
    {
        if (there >= max)
        {
            throw new WebhookValidationException(
                "tenant",
                "too_many_webhooks",
                $"The tenant has {there} webhooks; at most {max} are allowed. Delete one that is not used, or have the limit raised (option MaxWebhooksPerTenant).");
        }
    }

    private static void CheckCount(int inUse)
    {
        if (inUse >= MaxSecrets)
        {
            throw new WebhookValidationException(
                "secret", "too_many", $"{inUse} secrets are in use; at most {MaxSecrets} can be. Wait for an overlap to end, or rotate with overlap 0.");
        }
    }

    private void Check(WebhookSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (WebhookRules.Check(settings, triggers, profiles, options.Current.Egress) is { Count: > 0 } errors)
        {
            throw new WebhookValidationException(errors);
        }
    }

    /// <summary>Not to be cancelled: the change is stored, and a new secret is shown by no later call.</summary>
    private async Task RefreshAsync(long version)
    {
        directory.Expect(version);
        await directory.GetAsync(CancellationToken.None);
    }
}
