using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.Sqlite.Tests;

/// <summary>What only SQLite has: a file, one process, and its own ways to fail.</summary>
public sealed class SqliteFileTests : IAsyncDisposable
{
    private readonly SqliteStore _store = new();
    private readonly List<ServiceProvider> _hosts = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await _store.DropAsync();
    }

    [Fact]
    public async Task A_commit_is_on_the_disk_when_it_returns()
    {
        var host = Host(_store.ConnectionString);
        await ListAsync(host);
        await using var scope = await host.GetRequiredService<SqlDialect>().BeginWriteAsync(Cancellation);

        Assert.Equal("wal", await scope.Connection.ExecuteScalarAsync<string>("pragma journal_mode", transaction: scope.Transaction));
        Assert.Equal(2, await scope.Connection.ExecuteScalarAsync<int>("pragma synchronous", transaction: scope.Transaction));
    }

    [Fact]
    public async Task A_second_process_is_refused_while_the_first_one_has_the_file_and_not_after_it()
    {
        var first = Host(_store.ConnectionString);
        await ListAsync(first);

        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => ListAsync(Host(_store.ConnectionString)));
        Assert.Contains(_store.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("One process at a time", refused.Message, StringComparison.Ordinal);

        await first.DisposeAsync();
        await ListAsync(Host(_store.ConnectionString));
    }

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart()
    {
        var first = Host(_store.ConnectionString);
        var created = await first.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        var published = await first.GetRequiredService<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation);
        await first.DisposeAsync();

        var second = Host(_store.ConnectionString);

        Assert.NotNull(await second.GetRequiredService<IWebhookRegistry>().FindAsync(created.Webhook.Uid, Cancellation));
        Assert.NotNull(await second.GetRequiredService<IWebhookEvents>().FindAsync(published.Id, Cancellation));
        Assert.Equal(1, (await second.GetRequiredService<IWebhookPublisher>().PublishAsync("order.created", new { }, cancellationToken: Cancellation)).Deliveries);
    }

    [Fact]
    public async Task Two_apps_with_their_own_prefixes_keep_to_their_own_tables()
    {
        var app = Host(_store.ConnectionString, options => options.TablePrefix = "acme_");
        await app.GetRequiredService<IWebhookRegistry>().CreateAsync(
            new WebhookSettings { Name = "a", Url = "https://example.com", Triggers = ["*"] }, Cancellation);
        await app.DisposeAsync();

        Assert.Empty((await ListAsync(Host(_store.ConnectionString))).Items);
        await using var connection = new SqliteConnection(_store.ConnectionString);
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("select count(*) from acme_webhooks"));
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=x;Mode=Memory")]
    [InlineData("Mode=ReadWrite")]
    public void A_database_in_memory_is_refused_with_the_reason(string connectionString)
    {
        var refused = Assert.Throws<ArgumentException>(() => Host(connectionString));
        Assert.Contains("must name a file", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1a")]
    [InlineData("a;drop table x")]
    [InlineData("a b")]
    [InlineData("abcdefghijabcdefghijabcdefghija")]
    public void A_prefix_that_is_no_name_is_refused(string prefix) =>
        Assert.Throws<ArgumentException>(() => Host(_store.ConnectionString, options => options.TablePrefix = prefix));

    [Fact]
    public async Task A_directory_that_does_not_exist_is_named()
    {
        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => ListAsync(Host("Data Source=/no/such/place/app.db")));
        Assert.Contains("/no/such/place", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        await File.WriteAllTextAsync(_store.Path, "hello, this is not a database at all", Cancellation);

        var refused = await Assert.ThrowsAsync<WebhookStoreException>(() => ListAsync(Host(_store.ConnectionString)));

        Assert.Contains(_store.Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal("hello, this is not a database at all", await File.ReadAllTextAsync(_store.Path, Cancellation));
    }

    [Fact]
    public async Task When_the_file_is_full_publishing_says_so_and_works_again_when_there_is_room()
    {
        var host = Host(_store.ConnectionString);
        await ListAsync(host);
        var publisher = host.GetRequiredService<IWebhookPublisher>();
        await SetMaxPagesAsync(host, 60);

        var full = await Assert.ThrowsAsync<WebhookStoreException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await publisher.PublishAsync("order.created", new string('x', 10_000), cancellationToken: Cancellation);
            }
        });

        Assert.True(full.IsTransient);
        var before = await CountEventsAsync(host);
        await SetMaxPagesAsync(host, 1_000_000);
        await publisher.PublishAsync("order.created", new string('x', 10_000), cancellationToken: Cancellation);
        Assert.Equal(before + 1, await CountEventsAsync(host));
    }

    [Fact]
    public async Task Who_waits_to_write_while_the_store_is_closed_is_told()
    {
        var host = Host(_store.ConnectionString);
        await ListAsync(host);
        var dialect = host.GetRequiredService<SqlDialect>();
        var scope = await dialect.BeginWriteAsync(Cancellation);
        var closing = dialect.DisposeAsync();
        var waiting = dialect.BeginWriteAsync(Cancellation).AsTask();

        await scope.DisposeAsync();
        await closing;

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    [Fact]
    public async Task When_the_store_is_closed_the_file_is_free()
    {
        var host = Host(_store.ConnectionString);
        await ListAsync(host);
        await host.DisposeAsync();

        // SQLite deletes the log beside the file when the last connection is closed.
        Assert.False(File.Exists(_store.Path + "-wal"));
    }

    [Fact]
    public async Task A_delivery_that_leaves_the_queue_costs_no_look_at_the_attempts_of_all_others()
    {
        var host = Host(_store.ConnectionString);
        await ListAsync(host);
        await using var connection = new SqliteConnection(_store.ConnectionString);

        var plan = await connection.QueryAsync<(long, long, long, string Step)>(
            $"explain query plan {QueueStatements.DropLastAttempt(new WebhookTables(""), "q.id = 1 and q.lease_seq = 1")}");

        var look = Assert.Single(plan, row => row.Step.Contains("webhook_attempts ", StringComparison.Ordinal)).Step;
        Assert.StartsWith("SEARCH ", look, StringComparison.Ordinal);
    }

    private static async Task SetMaxPagesAsync(ServiceProvider host, int pages)
    {
        // A pragma of the writer's connection; it lasts as long as that.
        await using var scope = await host.GetRequiredService<SqlDialect>().BeginWriteAsync(Cancellation);
        await scope.Connection.ExecuteAsync($"pragma max_page_count = {pages}", transaction: scope.Transaction);
        await scope.CommitAsync(Cancellation);
    }

    private static Task<int> CountEventsAsync(ServiceProvider host) =>
        host.GetRequiredService<WebhookDatabase>().ReadAsync(
            connection => connection.ExecuteScalarAsync<int>("select count(*) from webhook_events"), Cancellation);

    private static Task<WebhookPage<Webhook>> ListAsync(ServiceProvider host) =>
        host.GetRequiredService<IWebhookRegistry>().ListAsync(new WebhookQuery(), Cancellation);

    private ServiceProvider Host(string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddWebhooks().UseSqlite(connectionString, configure).AddTrigger("order.created").WithoutDispatcher().WithoutSecretProtection();
        var host = services.BuildServiceProvider();
        _hosts.Add(host);
        return host;
    }
}
