using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>Choosing the store: options, whose connections, and the first start.</summary>
public sealed class UsePostgreSqlTests : PostgreSqlHosts
{
    [Theory]
    [InlineData("Shop", "")]
    [InlineData("", "")]
    [InlineData("a-b", "")]
    [InlineData("1a", "")]
    [InlineData("public; drop table x", "")]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", "")]
    [InlineData(null, "Acme_")]
    [InlineData(null, "acme.")]
    [InlineData(null, "acme\n")]
    [InlineData(null, "a_prefix_of_thirty_one_letters_")]
    public void A_name_that_would_have_to_be_quoted_is_refused(string? schema, string prefix)
    {
        var refused = Assert.Throws<ArgumentException>(() => Node(builder => builder.UsePostgreSql("Host=db", options =>
        {
            options.Schema = schema;
            options.TablePrefix = prefix;
        })));
        Assert.Contains("lower-case", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_without_a_host_is_refused() =>
        Assert.Throws<ArgumentException>(() => Node(builder => builder.UsePostgreSql("Database=app")));

    [Fact]
    public void What_a_connection_string_says_is_left_as_it_is_and_the_rest_is_set_as_the_store_needs_it()
    {
        var plain = new NpgsqlConnectionStringBuilder(PostgreSqlConnections.Complete("Host=db"));
        Assert.Equal(("Webhooks.Embedded", 10, 10, 40, false), (plain.ApplicationName, plain.MaxPoolSize, plain.CommandTimeout, plain.MaxAutoPrepare, plain.Enlist));
        Assert.True(plain.NoResetOnClose);

        var said = new NpgsqlConnectionStringBuilder(
            PostgreSqlConnections.Complete("Host=db;Application Name=shop;Maximum Pool Size=3;Command Timeout=60;Max Auto Prepare=0"));
        Assert.Equal(("shop", 3, 60, 0), (said.ApplicationName, said.MaxPoolSize, said.CommandTimeout, said.MaxAutoPrepare));

        // The driver has other names for some.
        Assert.Equal(3, new NpgsqlConnectionStringBuilder(PostgreSqlConnections.Complete("Host=db;MaxPoolSize=3")).MaxPoolSize);
        Assert.Contains("primary", PostgreSqlConnections.Complete("Host=one,two"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("any", PostgreSqlConnections.Complete("Host=one,two;Target Session Attributes=any"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_options_the_tables_are_in_the_first_schema_of_the_search_path()
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.ExecuteAsync($"create schema {Schema}");
        var node = Node(builder => builder.UsePostgreSql($"{ConnectionString};Search Path={Schema}"));
        await RegisterAsync(node);
        await PublishAsync(node);

        Assert.Single((await ClaimAsync(node)).Deliveries);
        Assert.Equal(1, await QueryAsync<int>($"select count(*) from {Schema}.webhooks"));
    }

    [Fact]
    public async Task Two_apps_share_a_schema_with_prefixes()
    {
        var one = Node(builder => builder.UsePostgreSql(ConnectionString, o => (o.Schema, o.TablePrefix) = (Schema, "one_")));
        var two = Node(builder => builder.UsePostgreSql(ConnectionString, o => (o.Schema, o.TablePrefix) = (Schema, "two_")));
        await RegisterAsync(one);
        await RegisterAsync(two);
        await PublishAsync(one);

        Assert.Empty((await ClaimAsync(two)).Deliveries);
        Assert.Single((await ClaimAsync(one)).Deliveries);
    }

    [Fact]
    public async Task Eight_nodes_that_start_at_once_on_an_empty_database_make_one_schema()
    {
        var nodes = Enumerable.Range(0, 8).Select(_ => Node()).ToArray();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => node.GetRequiredService<WebhookDatabase>().EnsureReadyAsync(Cancellation).AsTask(), Cancellation)));

        Assert.Equal(1, await QueryAsync<int>($"select count(*) from {Schema}.webhook_migrations"));
        Assert.Equal(1, await QueryAsync<int>($"select count(*) from {Schema}.webhook_state where name = 'catalogue'"));
    }

    [Fact]
    public async Task The_apps_data_source_gets_its_connections_back_as_they_were()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Maximum Pool Size=1;No Reset On Close=true;Max Auto Prepare=20;Auto Prepare Min Usages=2");
        var before = await SettingsAsync();
        var node = Node(builder => builder.UsePostgreSql(_ => source, options => options.Schema = Schema));
        await RegisterAsync(node);
        for (var round = 0; round < 5; round++)
        {
            await PublishAsync(node);
            var claimed = (await ClaimAsync(node)).Deliveries;
            await RecordAsync(node, claimed, isDelivered: round % 2 == 0);
        }

        await node.DisposeAsync();

        Assert.Equal(before, await SettingsAsync());
        Assert.Equal(5, await QueryAsync<int>($"select (select count(*) from {Schema}.webhook_queue) + (select count(*) from {Schema}.webhook_deliveries)"));

        async Task<string> SettingsAsync()
        {
            await using var connection = await source.OpenConnectionAsync(Cancellation);
            return (await connection.ExecuteScalarAsync<string>(
                "select pg_backend_pid() || string_agg(name || '=' || setting, E'\n' order by name) from pg_settings where name not like 'plpgsql.%'"))!;
        }
    }

    [Fact]
    public async Task A_role_that_may_not_create_anything_runs_on_a_schema_that_is_there()
    {
        var role = $"app_{Guid.NewGuid():N}";
        var first = Node();
        await RegisterAsync(first);
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.ExecuteAsync(
            $"""
            create role {role} login password 'secret';
            grant usage on schema {Schema} to {role};
            grant select, insert, update, delete on all tables in schema {Schema} to {role};
            """);
        try
        {
            await using var node = Node(new NpgsqlConnectionStringBuilder(ConnectionString) { Username = role, Password = "secret" }.ToString());
            await RegisterAsync(node);
            await PublishAsync(node);
            var claimed = (await ClaimAsync(node)).Deliveries;
            Assert.Equal(2, claimed.Count);
            await RecordAsync(node, claimed, isDelivered: true);
        }
        finally
        {
            await connection.ExecuteAsync($"drop owned by {role}; drop role {role}");
        }
    }
}
