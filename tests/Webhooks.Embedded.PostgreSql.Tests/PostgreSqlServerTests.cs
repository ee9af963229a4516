using Dapper;
using Npgsql;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>The server that the tests have for themselves.</summary>
public sealed class PostgreSqlServerTests
{
    [Fact]
    public async Task It_keeps_what_was_committed_when_it_is_killed_and_started_again()
    {
        await using var server = await PostgreSqlServer.CreateAsync();
        var database = await server.CreateDatabaseAsync("app") + ";Pooling=false";
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await connection.ExecuteAsync("create table kept (id int); insert into kept values (1)");
            Assert.Equal("on", await connection.ExecuteScalarAsync<string>("show fsync"));
            await server.StopAsync(immediate: true);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.ExecuteAsync("select 1"));
        }

        await server.StartAsync();

        await using var again = new NpgsqlConnection(database);
        await again.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await again.ExecuteScalarAsync<int>("select count(*) from kept"));
        await server.TerminateConnectionsAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => again.ExecuteAsync("select 1"));
    }
}
