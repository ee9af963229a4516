using Dapper;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.StoreContract;

/// <summary>The schema: brought up to date once, by whoever comes first, and never taken back.</summary>
public abstract class SchemaContract<TStore> : StoreTest<TStore>
    where TStore : ITestStore, new()
{
    private MigrationRunner Runner => Get<MigrationRunner>();

    [Fact]
    public async Task Applying_it_again_changes_nothing()
    {
        await RegisterAsync();
        await Runner.ApplyAsync(Cancellation);

        Assert.Single((await Registry.ListAsync(new WebhookQuery(), Cancellation)).Items);
        Assert.Equal(Dialect.Migrations.Select(migration => migration.Version), await AppliedAsync());
    }

    [Fact]
    public async Task Many_that_apply_it_at_once_make_one_schema()
    {
        await Get<WebhookDatabase>().EnsureReadyAsync(Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Runner.ApplyAsync(Cancellation))));

        Assert.Equal(Dialect.Migrations.Select(migration => migration.Version), await AppliedAsync());
    }

    [Fact]
    public async Task A_store_that_is_newer_than_the_library_is_refused_and_left_as_it_is()
    {
        await Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"insert into {Dialect.Tables.Migrations} (version, name, applied_at) values (999, 'future', 0)", transaction: transaction),
            Cancellation);

        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => Runner.ApplyAsync(Cancellation));

        Assert.Contains("999", refused.Message, StringComparison.Ordinal);
        Assert.Equal(999, (await AppliedAsync()).Last());
    }

    private Task<IEnumerable<int>> AppliedAsync() =>
        Get<WebhookDatabase>().ReadAsync(
            connection => connection.QueryAsync<int>($"select version from {Dialect.Tables.Migrations} order by version"), Cancellation);
}
