using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

public sealed class SqlitePublishContract : PublishContract<SqliteStore>;

public sealed class SqliteTransactionContract : TransactionContract<SqliteStore>;

public sealed class SqliteClaimContract : ClaimContract<SqliteStore>;

public sealed class SqliteLogContract : LogContract<SqliteStore>;

public sealed class SqliteRetryContract : RetryContract<SqliteStore>;

public sealed class SqliteCancelContract : CancelContract<SqliteStore>;

public sealed class SqliteOperationContract : OperationContract<SqliteStore>;

public sealed class SqliteOverviewContract : OverviewContract<SqliteStore>;

public sealed class SqliteWebhookContract : WebhookContract<SqliteStore>;

public sealed class SqliteSecretContract : SecretContract<SqliteStore>;

public sealed class SqliteRetentionContract : RetentionContract<SqliteStore>;

public sealed class SqliteSchemaContract : SchemaContract<SqliteStore>;

public sealed class SqliteStatementContract : StatementContract<RecordedSqliteStore>;

public sealed class SqliteBatchContract : BatchContract<SqliteStore>;

public sealed class SqliteConcurrencyContract : ConcurrencyContract<SqliteStore>;

public sealed class SqliteTenantContract : TenantContract<SqliteStore>;

public sealed class SqliteTenantStatementContract : TenantStatementContract<RecordedSqliteStore>;

public sealed class SqliteSendContract : SendContract<SqliteStore>;

public sealed class SqliteBreakerContract : BreakerContract<SqliteStore>;
