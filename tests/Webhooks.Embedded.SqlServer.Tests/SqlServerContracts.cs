using System.Data;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.SqlServer.Tests;

public sealed class SqlServerPublishContract : PublishContract<SqlServerStore>;

public sealed class SqlServerClaimContract : ClaimContract<SqlServerStore>;

public sealed class SqlServerLogContract : LogContract<SqlServerStore>;

public sealed class SqlServerRetryContract : RetryContract<SqlServerStore>;

public sealed class SqlServerCancelContract : CancelContract<SqlServerStore>;

public sealed class SqlServerSendContract : SendContract<SqlServerStore>;

public sealed class SqlServerOperationContract : OperationContract<SqlServerStore>;

public sealed class SqlServerOverviewContract : OverviewContract<SqlServerStore>;

public sealed class SqlServerWebhookContract : WebhookContract<SqlServerStore>;

public sealed class SqlServerSecretContract : SecretContract<SqlServerStore>;

public sealed class SqlServerRetentionContract : RetentionContract<SqlServerStore>;

public sealed class SqlServerSchemaContract : SchemaContract<SqlServerStore>;

public sealed class SqlServerTransactionContract : ConcurrentTransactionContract<SqlServerStore>
{
    protected override IsolationLevel SnapshotLevel => Server.SnapshotLevel(Store);

    protected override Task<bool> IsSeenAsync(Guid eventId) => Server.HasEventAsync(Store, Get<SqlDialect>().Tables, eventId);
}

public sealed class SqlServerStatementContract : StatementContract<RecordedSqlServerStore>;

public sealed class SqlServerBatchContract : BatchContract<SqlServerStore>;

public sealed class SqlServerConcurrencyContract : ConcurrencyContract<SqlServerStore>;

public sealed class RowVersionPublishContract : PublishContract<VersionsStore>;

public sealed class RowVersionClaimContract : ClaimContract<VersionsStore>;

public sealed class RowVersionTransactionContract : ConcurrentTransactionContract<VersionsStore>
{
    protected override IsolationLevel SnapshotLevel => IsolationLevel.Snapshot;
}

public sealed class RowLockPublishContract : PublishContract<LocksStore>;

public sealed class RowLockClaimContract : ClaimContract<LocksStore>;

public sealed class RowLockTransactionContract : ConcurrentTransactionContract<LocksStore>
{
    protected override IsolationLevel SnapshotLevel => Server.SnapshotLevel(Store);

    protected override Task<bool> IsSeenAsync(Guid eventId) => Server.HasEventAsync(Store, Get<SqlDialect>().Tables, eventId);
}

public sealed class SqlServerTenantContract : TenantContract<SqlServerStore>;

public sealed class SqlServerTenantStatementContract : TenantStatementContract<RecordedSqlServerStore>;

public sealed class SqlServerBreakerContract : BreakerContract<SqlServerStore>;
