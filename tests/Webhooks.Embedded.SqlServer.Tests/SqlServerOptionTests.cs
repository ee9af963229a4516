using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Embedded.Storage;

namespace Webhooks.Embedded.SqlServer.Tests;

/// <summary>What <c>UseSqlServer</c> takes and refuses. No server is needed.</summary>
public sealed class SqlServerOptionTests
{
    private const string ConnectionString = "Server=db;Database=app;User Id=u;Password=p";

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a]")]
    [InlineData("a b")]
    [InlineData("1a")]
    [InlineData("a\n")]
    [InlineData("a;drop table x")]
    public void A_schema_that_is_no_plain_name_is_refused(string schema)
    {
        var refused = Assert.Throws<ArgumentException>(() => Builder().UseSqlServer(ConnectionString, options => options.Schema = schema));
        Assert.Contains("schema", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("1a")]
    [InlineData("a\n")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcde")]
    public void A_prefix_that_is_no_plain_name_or_too_long_is_refused(string prefix)
    {
        var refused = Assert.Throws<ArgumentException>(() => Builder().UseSqlServer(ConnectionString, options => options.TablePrefix = prefix));
        Assert.Contains("prefix", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("no connection string")]
    public void A_connection_string_that_cannot_be_read_is_refused_at_once(string connectionString) =>
        Assert.ThrowsAny<ArgumentException>(() => Builder().UseSqlServer(connectionString));

    [Fact]
    public void The_tables_are_in_dbo_unless_another_schema_is_named()
    {
        Assert.Equal("dbo.webhook_events", Dialect(Builder().UseSqlServer(ConnectionString)).Tables.Events);
        Assert.Equal(
            "hooks.acme_webhook_events",
            Dialect(Builder().UseSqlServer(ConnectionString, options => (options.Schema, options.TablePrefix) = ("hooks", "acme_"))).Tables.Events);
    }

    [Fact]
    public void Messages_name_database_and_server_and_no_password()
    {
        var location = Dialect(Builder().UseSqlServer(ConnectionString)).Location;

        Assert.Equal("app on db", location);
        Assert.Equal("app on db", Dialect(Builder().UseSqlServer(() => new SqlConnection(ConnectionString))).Location);
    }

    [Fact]
    public void The_stores_own_connections_join_no_scope_and_say_whose_they_are()
    {
        var own = new SqlConnectionStringBuilder(SqlServerSource.WithDefaults(ConnectionString));
        Assert.False(own.Enlist);
        Assert.Equal("Webhooks.Embedded", own.ApplicationName);

        var named = new SqlConnectionStringBuilder(SqlServerSource.WithDefaults(ConnectionString + ";App=shop"));
        Assert.Equal("shop", named.ApplicationName);
    }

    private static IWebhooksBuilder Builder() => new ServiceCollection().AddLogging().AddWebhooks();

    private static SqlDialect Dialect(IWebhooksBuilder builder) =>
        builder.Services.BuildServiceProvider().GetRequiredService<SqlDialect>();
}
