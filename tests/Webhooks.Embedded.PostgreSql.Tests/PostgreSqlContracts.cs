using System.Data;
using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.PostgreSql.Tests;

public sealed class PostgreSqlPublishContract : PublishContract<PostgreSqlStore>;

public sealed class PostgreSqlClaimContract : ClaimContract<PostgreSqlStore>;

public sealed class PostgreSqlLogContract : LogContract<PostgreSqlStore>;

public sealed class PostgreSqlRetryContract : RetryContract<PostgreSqlStore>;

public sealed class PostgreSqlCancelContract : CancelContract<PostgreSqlStore>;

public sealed class PostgreSqlOperationContract : OperationContract<PostgreSqlStore>;

public sealed class PostgreSqlOverviewContract : OverviewContract<PostgreSqlStore>;

public sealed class PostgreSqlWebhookContract : WebhookContract<PostgreSqlStore>;

public sealed class PostgreSqlSecretContract : SecretContract<PostgreSqlStore>;

public sealed class PostgreSqlRetentionContract : RetentionContract<PostgreSqlStore>;

public sealed class PostgreSqlSchemaContract : SchemaContract<PostgreSqlStore>;

public sealed class PostgreSqlTransactionContract : ConcurrentTransactionContract<PostgreSqlStore>
{
    protected override IsolationLevel SnapshotLevel => IsolationLevel.RepeatableRead;
}

public sealed class PostgreSqlBatchContract : BatchContract<PostgreSqlStore>;

public sealed class PostgreSqlConcurrencyContract : ConcurrencyContract<PostgreSqlStore>;

public sealed class PostgreSqlStatementContract : StatementContract<RecordedPostgreSqlStore>;

public sealed class PostgreSqlTenantContract : TenantContract<PostgreSqlStore>;

public sealed class PostgreSqlTenantStatementContract : TenantStatementContract<RecordedPostgreSqlStore>;

public sealed class PostgreSqlSendContract : SendContract<PostgreSqlStore>;

public sealed class PostgreSqlBreakerContract : BreakerContract<PostgreSqlStore>;
