using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webhooks.Embedded.Storage;
using Webhooks.Embedded.Storage.Migrations;

namespace Webhooks.Embedded.StoreContract;

/// <summary>The schema: brought up to date once, by whoever comes first, or by a person with the script, and never taken back.</summary>
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
        await using var empty = await EmptyStore.OpenAsync(WebhookMigrationMode.Apply);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => empty.Runner.EnsureAsync(Cancellation))));

        Assert.Equal(Runner.Required, await empty.Schema.VersionAsync(Cancellation));
    }

    [Fact]
    public async Task A_store_that_is_too_new_for_this_node_is_refused_and_left_as_it_is()
    {
        await AddVersionAsync(999, compatibleFrom: 998);

        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => Runner.EnsureAsync(Cancellation));

        Assert.Contains("999", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WebhookStoreException>(() => Runner.ApplyAsync(Cancellation));
        Assert.Equal(999, (await AppliedAsync()).Last());
    }

    [Fact]
    public async Task A_store_that_a_newer_node_has_changed_is_used_as_long_as_it_says_that_older_nodes_can()
    {
        await AddVersionAsync(999, compatibleFrom: Runner.Required);

        await Runner.EnsureAsync(Cancellation);
        await Runner.ApplyAsync(Cancellation);

        Assert.Equal(999, await Get<IWebhookSchema>().VersionAsync(Cancellation));
    }

    [Fact]
    public async Task A_node_that_only_verifies_refuses_an_empty_store_and_makes_no_table()
    {
        await using var empty = await EmptyStore.OpenAsync(WebhookMigrationMode.Verify);

        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => empty.Runner.EnsureAsync(Cancellation));

        Assert.Contains("IWebhookSchema.Script(0)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await empty.Schema.VersionAsync(Cancellation));
    }

    [Fact]
    public async Task A_node_that_does_not_look_changes_nothing()
    {
        await using var empty = await EmptyStore.OpenAsync(WebhookMigrationMode.None);

        await empty.Runner.EnsureAsync(Cancellation);

        Assert.Equal(0, await empty.Schema.VersionAsync(Cancellation));
    }

    [Fact]
    public async Task A_person_can_apply_the_script_and_a_node_that_only_verifies_works_on_it()
    {
        await using var empty = await EmptyStore.OpenAsync(WebhookMigrationMode.Verify);

        await empty.ExecuteAsync(empty.Schema.Script());

        await empty.Runner.EnsureAsync(Cancellation);
        Assert.Equal(empty.Schema.RequiredVersion, await empty.Schema.VersionAsync(Cancellation));
        var published = await empty.Services.GetRequiredService<IWebhookPublisher>().PublishJsonAsync(
            "order.paid", "{}"u8.ToArray(), cancellationToken: Cancellation);
        Assert.NotNull(await empty.Services.GetRequiredService<IWebhookEvents>().FindAsync(published.Id, Cancellation));
        Assert.Equal("", empty.Schema.Script(empty.Schema.RequiredVersion));
    }

    [Fact]
    public async Task When_a_script_was_applied_is_noted_by_the_clock_of_the_database()
    {
        var appliedAt = await Get<WebhookDatabase>().ReadAsync(
            connection => connection.ExecuteScalarAsync<long>($"select max(applied_at) from {Dialect.Tables.Migrations}"), Cancellation);

        Assert.Equal(DateTimeOffset.UtcNow, DateTimeOffset.FromUnixTimeMilliseconds(appliedAt), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task Every_store_has_a_number_of_its_own()
    {
        await using var other = await EmptyStore.OpenAsync(WebhookMigrationMode.Apply);
        await other.Runner.EnsureAsync(Cancellation);

        Assert.NotEqual(await IdentityAsync(Get<WebhookDatabase>()), await IdentityAsync(other.Services.GetRequiredService<WebhookDatabase>()));
    }

    private Task<long> IdentityAsync(WebhookDatabase database) =>
        database.ReadAsync(
            connection => connection.QuerySingleAsync<long>($"select value from {database.Dialect.Tables.State} where name = 'store'"), Cancellation);

    private Task<int> AddVersionAsync(int version, int compatibleFrom) =>
        Get<WebhookDatabase>().WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"""
                insert into {Dialect.Tables.Migrations} (version, name, compatible_from, applied_at)
                values (@Version, 'future', @CompatibleFrom, 0)
                """,
                new { Version = version, CompatibleFrom = compatibleFrom },
                transaction),
            Cancellation);

    private Task<IEnumerable<int>> AppliedAsync() =>
        Get<WebhookDatabase>().ReadAsync(
            connection => connection.QueryAsync<int>($"select version from {Dialect.Tables.Migrations} order by version"), Cancellation);

    /// <summary>A store that nobody has touched yet.</summary>
    private sealed class EmptyStore(TStore store, ServiceProvider services) : IAsyncDisposable
    {
        public ServiceProvider Services => services;

        public MigrationRunner Runner => services.GetRequiredService<MigrationRunner>();

        public IWebhookSchema Schema => services.GetRequiredService<IWebhookSchema>();

        public static async Task<EmptyStore> OpenAsync(WebhookMigrationMode mode)
        {
            var store = new TStore();
            var services = new ServiceCollection();
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
            var builder = services.AddWebhooks(options => options.Migrations = mode).WithoutDispatcher().WithoutSecretProtection().AddTrigger("order.paid");
            await store.UseAsync(builder);
            return new EmptyStore(store, services.BuildServiceProvider());
        }

        public async Task ExecuteAsync(string script)
        {
            await using var connection = await services.GetRequiredService<SqlDialect>().OpenAsync(Cancellation);
            await connection.ExecuteAsync(script);
        }

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            await store.DropAsync();
        }
    }
}
