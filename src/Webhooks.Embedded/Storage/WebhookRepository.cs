using System.Data.Common;
using Dapper;
using Webhooks.Embedded.Signing;

namespace Webhooks.Embedded.Storage;

/// <summary>Webhooks and their secrets. Every change raises the version by which nodes know that what they remember is old.</summary>
internal sealed class WebhookRepository(WebhookDatabase database, StoreClock clock, TenantScope scope = default)
{
    private const string CatalogueVersion = "catalogue";
    private const string StoreNumber = "store";

    private readonly WebhookTables _tables = database.Dialect.Tables;

    private string Columns { get; } =
        """
        w.id as Id, w.uid as Uid, w.tenant as Tenant, w.name as Name, w.url as Url, w.triggers as Triggers, w.target as Target,
        w.filters as Filters, w.signature_profile as SignatureProfile, w.metadata as Metadata, w.secret_hint as SecretHint, w.version as Version,
        w.enabled as Enabled, w.disabled_reason as DisabledReason, w.verify_tls as VerifyTls, w.created_by as CreatedBy,
        w.created_at as CreatedAt, w.updated_at as UpdatedAt, w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt,
        w.last_failure as LastFailure, w.last_status_code as LastStatusCode
        """;

    public WebhookRepository ForTenant(string tenant) => new(database, clock, scope.To(tenant));

    /// <summary>All webhooks with the secrets that sign, for <see cref="WebhookDirectory"/>.</summary>
    public Task<WebhookSnapshot> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => LoadAsync(connection, transaction: null, cancellationToken), cancellationToken);

    /// <summary>The same as the transaction of a caller sees it.</summary>
    public Task<WebhookSnapshot> LoadAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        database.InTransactionAsync(() => LoadAsync(transaction.Connection!, transaction, cancellationToken));

    /// <summary>The version of the webhooks in the store.</summary>
    public Task<long> VersionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => VersionAsync(connection, null), cancellationToken);

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
                    $"select {Columns} from {_tables.Webhooks} w {where} order by w.id {database.Dialect.Page}",
                    new
                    {
                        AfterId = afterId,
                        Tenant = StoredText.Clean(query.Tenant),
                        ScopeTenant = scope.Tenant,
                        Enabled = query.Enabled is true ? 1 : 0,
                        query.Limit,
                        Offset = 0,
                    }))
                    .Select(row => row.ToWebhook()),
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
                await LockAsync(connection, transaction);
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
                        (uid, tenant, name, url, triggers, target, filters, signature_profile, metadata, secret_hint, enabled, verify_tls, version,
                         created_by, created_at, updated_at)
                    values (@Uid, @Tenant, @Name, @Url, @Triggers, @Target, @Filters, @SignatureProfile, @Metadata, @SecretHint, @Enabled, @VerifyTls, 1,
                            @CreatedBy, @Now, @Now)
                    """,
                    Values(settings with { Secret = secret }, uid),
                    transaction);
                var row = await ReadAsync("w.uid = @Key", uid, connection, transaction);
                await AddSecretAsync(row!.Id, secret, connection, transaction);
                return (row.ToWebhook(), await RaiseVersionAsync(connection, transaction));
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

                await connection.ExecuteAsync(
                    $"""
                    update {_tables.Webhooks}
                    set name = @Name, url = @Url, triggers = @Triggers, target = @Target, filters = @Filters,
                        signature_profile = @SignatureProfile, metadata = @Metadata, verify_tls = @VerifyTls, updated_at = @Now
                    where id = @Id and deleted_at is null{scope.And("tenant")}
                    """,
                    Values(settings, uid: null, id),
                    transaction);
                if (settings.Secret is not null)
                {
                    await DeleteSecretsAsync(id, connection, transaction);
                    await InsertSecretAsync(id, settings.Secret, connection, transaction);
                }

                await SetEnabledAsync(id, settings.Enabled, reason: null, onlyIfChanged: true, connection, transaction);
            },
            cancellationToken);

    public Task<(Webhook? Webhook, long Version)> SetEnabledAsync(long id, bool enabled, string? reason, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            (_, connection, transaction) => SetEnabledAsync(id, enabled, reason, onlyIfChanged: false, connection, transaction),
            cancellationToken);

    /// <summary>Deletes the secrets and hides the webhook; the row stays for the log that names it. Returns it as it was.</summary>
    public async Task<(Webhook? Webhook, long Version)> DeleteAsync(long id, CancellationToken cancellationToken) =>
        await database.WriteAsync<(Webhook?, long)>(
            async (connection, transaction) =>
            {
                await LockAsync(connection, transaction);
                var row = await ReadAsync("w.id = @Key", id, connection, transaction);
                if (row is null)
                {
                    return (null, 0);
                }

                await DeleteSecretsAsync(id, connection, transaction);
                await connection.ExecuteAsync(
                    $"update {_tables.Webhooks} set deleted_at = @Now, enabled = 0 where id = @Id{scope.And("tenant")}",
                    new { Id = id, clock.Now, ScopeTenant = scope.Tenant },
                    transaction);
                return (row.ToWebhook(), await RaiseVersionAsync(connection, transaction));
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
                await connection.ExecuteAsync(
                    $"delete from {_tables.Secrets} where webhook_id = @Id and expires_at <= @Now", new { Id = id, Now = now }, transaction);
                if (overlap > TimeSpan.Zero)
                {
                    await connection.ExecuteAsync(
                        $"update {_tables.Secrets} set expires_at = @ExpiresAt where webhook_id = @Id and expires_at is null",
                        new { Id = id, ExpiresAt = now + (long)overlap.TotalMilliseconds },
                        transaction);
                    check(await connection.ExecuteScalarAsync<int>(
                        $"select count(*) from {_tables.Secrets} where webhook_id = @Id", new { Id = id }, transaction));
                }
                else
                {
                    await DeleteSecretsAsync(id, connection, transaction);
                }

                await InsertSecretAsync(id, secret, connection, transaction);
                await connection.ExecuteAsync(
                    $"update {_tables.Webhooks} set updated_at = @Now where id = @Id{scope.And("tenant")}",
                    new { Id = id, Now = now, ScopeTenant = scope.Tenant },
                    transaction);
            },
            cancellationToken);

    /// <summary>The secrets that sign now, the newest first; null where there is no such webhook.</summary>
    public Task<IReadOnlyList<string>?> SecretsAsync(long id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<string>?>(
            async connection => await ReadAsync("w.id = @Key", id, connection, null) is null
                ? null
                : (await connection.QueryAsync<string>(
                    $"select secret from {_tables.Secrets} where webhook_id = @Id and (expires_at is null or expires_at > @Now) order by id desc",
                    new { Id = id, clock.Now })).AsList(),
            cancellationToken);

    private async Task<WebhookSnapshot> LoadAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        // The version is read first: what is read after it is at least as new.
        var numbers = (await connection.QueryAsync<StateRow>(Command($"select name as Name, value as Value from {_tables.State}")))
            .ToDictionary(number => number.Name, number => number.Value, StringComparer.Ordinal);
        var rows = await connection.QueryAsync<WebhookRow>(Command($"select {Columns} from {_tables.Webhooks} w where w.deleted_at is null"));
        var secrets = (await connection.QueryAsync<SecretRow>(Command(
            $"select webhook_id as WebhookId, secret as Secret, expires_at as ExpiresAt from {_tables.Secrets} order by id desc")))
            .ToLookup(secret => secret.WebhookId);

        return new WebhookSnapshot(numbers[StoreNumber], numbers[CatalogueVersion], [.. rows.Select(row => row.ToKnown(secrets[row.Id]))]);

        CommandDefinition Command(string sql, object? parameters = null) =>
            new(sql, parameters, transaction, cancellationToken: cancellationToken);
    }

    private Task<(Webhook? Webhook, long Version)> ChangeAsync(
        long id, Func<WebhookRow, DbConnection, DbTransaction, Task> change, CancellationToken cancellationToken) =>
        database.WriteAsync<(Webhook?, long)>(
            async (connection, transaction) =>
            {
                await LockAsync(connection, transaction);
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
                return (row!.ToWebhook(), await RaiseVersionAsync(connection, transaction));
            },
            cancellationToken);

    private Task<Webhook?> FindAsync(string condition, object key, CancellationToken cancellationToken) =>
        database.ReadAsync(async connection => (await ReadAsync(condition, key, connection, null))?.ToWebhook(), cancellationToken);

    private Task<WebhookRow?> ReadAsync(string condition, object key, DbConnection connection, DbTransaction? transaction) =>
        connection.QuerySingleOrDefaultAsync<WebhookRow>(
            $"select {Columns} from {_tables.Webhooks} w where {condition} and w.deleted_at is null{scope.And("w.tenant")}",
            new { Key = key, ScopeTenant = scope.Tenant },
            transaction);

    private Task<int> SetEnabledAsync(
        long id, bool enabled, string? reason, bool onlyIfChanged, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"""
            update {_tables.Webhooks} set enabled = @Enabled, disabled_reason = @Reason, updated_at = @Now
            where id = @Id and deleted_at is null{scope.And("tenant")}{(onlyIfChanged ? " and enabled <> @Enabled" : "")}
            """,
            new { Id = id, Enabled = enabled ? 1 : 0, Reason = StoredText.Clean(reason), clock.Now, ScopeTenant = scope.Tenant },
            transaction);

    private async Task InsertSecretAsync(long id, string secret, DbConnection connection, DbTransaction transaction)
    {
        await AddSecretAsync(id, secret, connection, transaction);
        await connection.ExecuteAsync(
            $"update {_tables.Webhooks} set secret_hint = @SecretHint where id = @Id{scope.And("tenant")}",
            new { Id = id, SecretHint = SecretText.Hint(secret), ScopeTenant = scope.Tenant },
            transaction);
    }

    private Task<int> AddSecretAsync(long id, string secret, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync(
            $"insert into {_tables.Secrets} (webhook_id, secret, created_at) values (@Id, @Secret, @Now)",
            new { Id = id, Secret = secret, clock.Now },
            transaction);

    private Task<int> DeleteSecretsAsync(long id, DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync($"delete from {_tables.Secrets} where webhook_id = @Id", new { Id = id }, transaction);

    /// <summary>Keeps other changes of webhooks waiting until the commit: what is read after this is what is changed.</summary>
    private Task<int> LockAsync(DbConnection connection, DbTransaction transaction) =>
        connection.ExecuteAsync($"update {_tables.State} set value = value where name = @CatalogueVersion", new { CatalogueVersion }, transaction);

    private async Task<long> RaiseVersionAsync(DbConnection connection, DbTransaction transaction)
    {
        await connection.ExecuteAsync(
            $"update {_tables.State} set value = value + 1 where name = @CatalogueVersion", new { CatalogueVersion }, transaction);
        return await VersionAsync(connection, transaction);
    }

    private Task<long> VersionAsync(DbConnection connection, DbTransaction? transaction) =>
        connection.ExecuteScalarAsync<long>(
            $"select value from {_tables.State} where name = @CatalogueVersion", new { CatalogueVersion }, transaction);

    private object Values(WebhookSettings settings, object? uid, long id = 0) => new
    {
        Id = id,
        Uid = uid,
        Tenant = settings.Tenant ?? "",
        settings.Name,
        settings.Url,
        Triggers = string.Join(' ', settings.Triggers.Distinct(StringComparer.Ordinal)),
        settings.Target,
        Filters = StoredFilters.Write(settings.Filters),
        settings.SignatureProfile,
        settings.Metadata,
        SecretHint = SecretText.Hint(settings.Secret ?? ""),
        ScopeTenant = scope.Tenant,
        Enabled = settings.Enabled ? 1 : 0,
        VerifyTls = settings.VerifyTls ? 1 : 0,
        settings.CreatedBy,
        clock.Now,
    };

    private sealed class StateRow
    {
        public string Name { get; init; } = "";

        public long Value { get; init; }
    }
}
