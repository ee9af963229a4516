using Webhooks.Embedded.StoreContract;

namespace Webhooks.Embedded.Sqlite.Tests;

public sealed class SqlitePublishContract : PublishContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteClaimContract : ClaimContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteLogContract : LogContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteRetryContract : RetryContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteWebhookContract : WebhookContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteRetentionContract : RetentionContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}

public sealed class SqliteSchemaContract : SchemaContract
{
    private readonly SqliteStore _store = new();

    protected override Task UseStoreAsync(IWebhooksBuilder builder) => _store.UseAsync(builder);

    protected override Task DropStoreAsync() => _store.DropAsync();
}
