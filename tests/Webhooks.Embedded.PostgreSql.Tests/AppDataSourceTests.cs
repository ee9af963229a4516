using System.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Webhooks.Embedded.PostgreSql.Tests;

/// <summary>Connections that are set up in the app's way and not in the store's.</summary>
public sealed class AppDataSourceTests : PostgreSqlHosts
{
    [Fact]
    public async Task A_transaction_scope_of_the_app_takes_no_part_in_what_the_store_does()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        var node = Node(builder => builder.UsePostgreSql(source, options => options.Schema = Schema));
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            // The app's own work comes first, everything of the store is made here, and then the app rolls back.
            await using var own = await source.OpenConnectionAsync(Cancellation);
            await RegisterAsync(node);
            await PublishAsync(node);
        }

        await PublishAsync(node);

        Assert.Equal(2, await QueryAsync<int>($"select count(*) from {Schema}.webhook_queue"));
        Assert.Equal(2, (await ClaimAsync(node)).Deliveries.Count);
    }

    [Fact]
    public async Task A_connection_that_the_server_has_ended_for_being_idle_is_replaced()
    {
        var node = Node($"{ConnectionString};Options=-c idle_session_timeout=300;Application Name={Schema}");
        await RegisterAsync(node);
        await PublishAsync(node);
        while (await QueryAsync<int>($"select count(*) from pg_stat_activity where application_name = '{Schema}'") > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }

        await PublishAsync(node);

        Assert.Equal(2, (await ClaimAsync(node)).Deliveries.Count);
    }
}
