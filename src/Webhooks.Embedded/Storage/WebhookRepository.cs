using System.Data.Common;
using Dapper;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>Webhooks and their secrets. Every change raises the version by which nodes know that what they remember is old.</summary>
internal sealed class WebhookRepository(WebhookDatabase database, StoreClock clock, SecretVault vault, LiveOptions options, TenantScope scope = default)
{
    private readonly WebhookTables _tables = database.Dialect.Tables;
    private readonly CatalogueVersion _catalogue = new(database.Dialect.Tables);
    private readonly UrlStatements _urls = new(database.Dialect.Tables);
    private readonly SecretStatements _secrets = new(database.Dialect.Tables, vault);

    public WebhookRepository ForTenant(string tenant) => new(database, clock, vault, options, scope.To(tenant));

    public Task<Webhook?> FindAsync(long id, CancellationToken cancellationToken) =>
        FindAsync("w.id = @Key", id, cancellationToken);

    public Task<Webhook?> FindAsync(Guid uid, CancellationToken cancellationToken) =>
        FindAsync("w.uid = @Key", database.Dialect.ToColumn(uid), cancellationToken);

    public Task<IReadOnlyList<Webhook>> ListAsync(WebhookQuery query, long afterId, CancellationToken cancellationToken)
    {
        var where = new SqlFilter("w.deleted_at is null" + scope.And("w.tenant"), "w.id > @AfterId");
        where.Add(query.Tenant is not null, "w.tenant = @Tenant");
        where.Add(query.Enabled is not null, "w.enabled = @Enabled");

        return database.ReadAsync<IReadOnlyList<Webhook>>(
            async connection =>
            [
                .. (await connection.QueryAsync<WebhookRow>(
                    $"select {WebhookRow.Columns} from {_tables.Webhooks} w {where} order by w.id {database.Dialect.Page}",
                    new
                    {
                        AfterId = afterId,
                        Tenant = StoredText.Clean(query.Tenant),
                        ScopeTenant = scope.Tenant,
                        Enabled = query.Enabled is true ? 1 : 0,
                        query.Limit,
                        Offset = 0,
                    }))
                    .Select(row => row.ToWebhook(options.Current.DisableAfter, clock.Now)),
            ],
            cancellationToken);
    }

    /// <summary>Adds a webhook; the number of webhooks that its tenant has already is checked by <paramref name="check"/>, where there is one.</summary>
    public Task<(Webhook Webhook, long Version)> InsertAsync(
        WebhookSettings settings, string secret, Action<int>? check, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                // Locked first: of two that are added at once, the second one is counted after the first.
                await _catalogue.LockAsync(connection, transaction);
                if (check is not null)
                {
                    check(await connection.ExecuteScalarAsync<int>(
                        $"select count(*) from {_tables.Webhooks} w where w.tenant = @Tenant and w.deleted_at is null{scope.And("w.tenant")}",
                        new { Tenant = settings.Tenant ?? "", ScopeTenant = scope.Tenant },
                        transaction));
                }

                var uid = database.Dialect.ToColumn(Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(clock.Now)));
                await connection.ExecuteAsync(
                    $"""
                    insert into {_tables.Webhooks}
                        (uid, tenant, name, url, url_number, triggers, target, filters, signature_profile, metadata, secret_hint, enabled, verify_tls,
                         timeout_ms, retry_delays, rate_limit, headers, version, created_by, created_at, updated_at)
                    values (@Uid, @Tenant, @Name, @Url, @UrlNumber, @Triggers, @Target, @Filters, @SignatureProfile, @Metadata, @SecretHint, @Enabled, @VerifyTls,
                            @TimeoutMs, @RetryDelays, @RateLimit, @Headers, 1, @CreatedBy, @Now, @Now)
                    """,
                    Values(settings with { Secret = secret }, urlNumber: 1, uid),
                    transaction);
                var row = await ReadAsync("w.uid = @Key", uid, connection, transaction);
                await _urls.AddAsync(row!.Id, row.UrlNumber, row.Url, connection, transaction);
                await _secrets.AddAsync(row.Id, secret, clock.Now, connection, transaction);
                return (row.ToWebhook(options.Current.DisableAfter, clock.Now), await _catalogue.RaiseAsync(connection, transaction));
            },
            cancellationToken);

    /// <exception cref="WebhookChangedException">The webhook has another version than <paramref name="expectedVersion"/>.</exception>
    public Task<(Webhook? Webhook, long Version)> UpdateAsync(
        long id, WebhookSettings settings, long? expectedVersion, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            async (current, connection, transaction) =>
            {
                if (expectedVersion is not null && expectedVersion != current.Version)
                {
                    throw new WebhookChangedException(id, current.Version);
                }

                var isElsewhere = settings.Url != current.Url;
                await connection.ExecuteAsync(
                    $"""
                    update {_tables.Webhooks}
                    set name = @Name, url = @Url, url_number = @UrlNumber, triggers = @Triggers, target = @Target, filters = @Filters,
                        signature_profile = @SignatureProfile, metadata = @Metadata, verify_tls = @VerifyTls,
                        timeout_ms = @TimeoutMs, retry_delays = @RetryDelays, rate_limit = @RateLimit,
                        headers = coalesce(@Headers, headers), updated_at = @Now
                    where id = @Id and deleted_at is null{scope.And("tenant")}
                    """,
                    Values(settings, isElsewhere ? current.UrlNumber + 1 : current.UrlNumber, uid: null, id),
                    transaction);
                if (settings.Secret is not null)
                {
                    await _secrets.DeleteAsync(id, connection, transaction);
                    await InsertSecretAsync(id, settings.Secret, connection, transaction);
                }

                // Behind another URL is most likely another receiver, or one that was mended.
                if (isElsewhere)
                {
                    await _urls.ReplaceAsync(id, current.UrlNumber, clock.Now, connection, transaction);
                    await _urls.AddAsync(id, current.UrlNumber + 1, settings.Url, connection, transaction);
                    await BeginAnewAsync(id, "(failures > 0 or breaker <> 0)", connection, transaction);
                }

                await SetEnabledAsync(id, settings.Enabled, reason: null, onlyIfChanged: true, connection, transaction);
            },
            cancellationToken);

    public Task<(Webhook? Webhook, long Version)> SetEnabledAsync(long id, bool enabled, string? reason, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            (_, connection, transaction) => SetEnabledAsync(id, enabled, reason, onlyIfChanged: false, connection, transaction),
            cancellationToken);

    /// <summary>
    /// Disables a webhook that is still as the attempt found it: enabled, at this URL, and, where a time is given, without a success since then.
    /// </summary>
    /// <returns>The webhook; null where it is another one by now, or somebody else has disabled it.</returns>
    public Task<(Webhook? Webhook, long Version)> DisableIfStillAsync(
        long id, int urlNumber, long? failingSince, string reason, CancellationToken cancellationToken) =>
        database.WriteAsync<(Webhook?, long)>(
            async (connection, transaction) =>
            {
                await _catalogue.LockAsync(connection, transaction);
                var disabled = await connection.ExecuteAsync(
                    $"""
                    update {_tables.Webhooks} set enabled = 0, disabled_reason = @Reason, updated_at = @Now, version = version + 1
                    where id = @Id and enabled = 1 and url_number = @UrlNumber and deleted_at is null{scope.And("tenant")}
                      {(failingSince is null ? "" : "and failing_since = @FailingSince")}
                    """,
                    new { Id = id, UrlNumber = urlNumber, FailingSince = failingSince, Reason = StoredText.Clean(reason), clock.Now, ScopeTenant = scope.Tenant },
                    transaction) == 1;
                if (!disabled)
                {
                    return (null, 0);
                }

                var row = await ReadAsync("w.id = @Key", id, connection, transaction);
                return (row!.ToWebhook(options.Current.DisableAfter, clock.Now), await _catalogue.RaiseAsync(connection, transaction));
            },
            cancellationToken);

    /// <summary>Deletes the secrets and hides the webhook; the row stays for the log that names it. Returns it as it was.</summary>
    public async Task<(Webhook? Webhook, long Version)> DeleteAsync(long id, CancellationToken cancellationToken) =>
        await database.WriteAsync<(Webhook?, long)>(
            async (connection, transaction) =>
            {
                await _catalogue.LockAsync(connection, transaction);
                var row = await ReadAsync("w.id = @Key", id, connection, transaction);
                if (row is null)
                {
                    return (null, 0);
                }

                await _secrets.DeleteAsync(id, connection, transaction);
                await connection.ExecuteAsync(
                    $"update {_tables.Webhooks} set deleted_at = @Now, enabled = 0, breaker = 0, paused_until = null where id = @Id{scope.And("tenant")}",
                    new { Id = id, clock.Now, ScopeTenant = scope.Tenant },
                    transaction);
                return (row.ToWebhook(options.Current.DisableAfter, clock.Now), await _catalogue.RaiseAsync(connection, transaction));
            },
            cancellationToken);

    /// <summary>Adds a secret and lets the others expire. Null where there is no such webhook; the number of secrets in use is checked by <paramref name="check"/>.</summary>
    public Task<(Webhook? Webhook, long Version)> RotateSecretAsync(
        long id, string secret, TimeSpan overlap, Action<int> check, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            async (_, connection, transaction) =>
            {
                var now = clock.Now;
                await _secrets.DeleteExpiredAsync(id, now, connection, transaction);
                if (overlap > TimeSpan.Zero)
                {
                    await _secrets.ExpireAsync(id, expiresAt: now + (long)overlap.TotalMilliseconds, connection, transaction);
                    check(await _secrets.CountAsync(id, connection, transaction));
                }
                else
                {
                    await _secrets.DeleteAsync(id, connection, transaction);
                }

                await InsertSecretAsync(id, secret, connection, transaction);
                await connection.ExecuteAsync(
                    $"update {_tables.Webhooks} set updated_at = @Now where id = @Id{scope.And("tenant")}",
                    new { Id = id, Now = now, ScopeTenant = scope.Tenant },
                    transaction);
            },
            cancellationToken);

    /// <summary>Erases all secrets but the current one.</summary>
    public Task<(Webhook? Webhook, long Version)> RevokeSecretsAsync(long id, CancellationToken cancellationToken) =>
        ChangeAsync(id, (_, connection, transaction) => _secrets.DeletePreviousAsync(id, connection, transaction), cancellationToken);

    /// <summary>The secrets that sign now, protected, the newest first; null where there is no such webhook.</summary>
    public Task<IReadOnlyList<SecretRow>?> SecretsAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SecretRow>?>(
            async connection => await ReadAsync("w.id = @Key", id, connection, null) is null
                ? null
                : await _secrets.InUseAsync(id, clock.Now, connection),
            cancellationToken);

    private Task<(Webhook? Webhook, long Version)> ChangeAsync(
        long id, Func<WebhookRow, DbConnection, DbTransaction, Task> change, CancellationToken cancellationToken) =>
        database.WriteAsync<(Webhook?, long)>(
            async (connection, transaction) =>
            {
                await _catalogue.LockAsync(connection, transaction);
                if (await ReadAsync("w.id = @Key", id, connection, transaction) is not { } current)
                {
                    return (null, 0);
                }

                await change(current, connection, transaction);
                await connection.ExecuteAsync(
                    $"update {_tables.Webhooks} set version = version + 1 where id = @Id{scope.And("tenant")}",
                    new { Id = id, ScopeTenant = scope.Tenant },
                    transaction);
                var row = await ReadAsync("w.id = @Key", id, connection, transaction);
                return (row!.ToWebhook(options.Current.DisableAfter, clock.Now), await _catalogue.RaiseAsync(connection, transaction));
            },
            cancellationToken);

    private Task<Webhook?> FindAsync(string condition, object key, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await ReadAsync(condition, key, connection, null))?.ToWebhook(options.Current.DisableAfter, clock.Now), cancellationToken);

    private Task<WebhookRow?> ReadAsync(string condition, object key, DbConnection connection, DbTransaction? transaction) =>
        connection.QuerySingleOrDefaultAsync<WebhookRow>(
            $"select {WebhookRow.Columns} from {_tables.Webhooks} w where {condition} and w.deleted_at is null{scope.And("w.tenant")}",
            new { Key = key, ScopeTenant = scope.Tenant },
            transaction);

    private async Task<int> SetEnabledAsync(
        long id, bool enabled, string? reason, bool onlyIfChanged, DbConnection connection, DbTransaction transaction)
    {
        if (enabled)
        {
            await BeginAnewAsync(id, "enabled = 0", connection, transaction);
        }

        return await connection.ExecuteAsync(
            $"""
            update {_tables.Webhooks} set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
            where id = @Id and deleted_at is null{scope.And("tenant")}{(onlyIfChanged ? " and enabled <> @Enabled" : "")}
            """,
            new { Id = id, Enabled = enabled ? 1 : 0, Reason = StoredText.Clean(reason), clock.Now, ScopeTenant = scope.Tenant },
            transaction);
    }

    /// <summary>
    /// What a webhook that was disabled, or went elsewhere, did before is forgotten. It begins slowly: nobody knows yet what its receiver can do, and much
    /// may wait for it.
    /// </summary>
    private Task<int> BeginAnewAsync(long id, string condition, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"""
            update {_tables.Webhooks}
            set breaker = {(int)BreakerStatus.Recovering}, breaker_seq = breaker_seq + 1, slow_start = 1, openings = 0, successes = 0,
                paused_until = null, pause_reason = null, failures = 0, failing_since = null, warnings = 0,
                window_at = null, window_attempts = 0, window_failures = 0
            where id = @Id and {condition} and deleted_at is null{scope.And("tenant")}
            """,
            new { Id = id, ScopeTenant = scope.Tenant },
            transaction);

    private async Task InsertSecretAsync(long id, string secret, DbConnection connection, DbTransaction transaction)
    {
        await _secrets.AddAsync(id, secret, clock.Now, connection, transaction);
        await connection.ExecuteAsync(
            $"update {_tables.Webhooks} set secret_hint = @SecretHint where id = @Id{scope.And("tenant")}",
            new { Id = id, SecretHint = SecretText.Hint(secret), ScopeTenant = scope.Tenant },
            transaction);
    }

    private object Values(WebhookSettings settings, int urlNumber, object? uid, long id = 0) => new
    {
        Id = id,
        Uid = uid,
        Tenant = settings.Tenant ?? "",
        settings.Name,
        settings.Url,
        UrlNumber = urlNumber,
        Triggers = string.Join(' ', settings.Triggers.Distinct(StringComparer.Ordinal)),
        settings.Target,
        Filters = StoredFilters.Write(settings.Filters),
        settings.SignatureProfile,
        settings.Metadata,
        SecretHint = SecretText.Hint(settings.Secret ?? ""),
        ScopeTenant = scope.Tenant,
        Enabled = settings.Enabled ? 1 : 0,
        VerifyTls = settings.VerifyTls ? 1 : 0,
        TimeoutMs = StoredTime.WriteSpan(settings.Timeout),
        RetryDelays = StoredTime.WriteSpans(settings.RetryDelays),
        settings.RateLimit,
        Headers = StoredHeaders.Write(settings.Headers, vault),
        settings.CreatedBy,
        clock.Now,
    };
}
