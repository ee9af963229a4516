namespace Webhooks.Embedded.EndToEndTests.SeveralNodes;

public sealed class When_nodes_start_together(ITestOutputHelper report)
{
    [Fact]
    public async Task K9_on_an_empty_database_all_come_up_with_one_schema_though_the_one_that_makes_it_is_killed()
    {
        const int Nodes = 8;
        await using var scenario = await Scenario.StartAsync(report);

        // Whoever makes the first table waits, in the middle of the schema.
        await scenario.Store.ExecuteAsync(
            """
            create function wait_at_table() returns event_trigger language plpgsql as 'begin perform pg_advisory_xact_lock_shared(42); end';
            create event trigger wait_at_table on ddl_command_end when tag in ('CREATE TABLE') execute function wait_at_table();
            """);
        var nodes = new Dictionary<string, Node>();
        await using (var held = await scenario.Store.HoldAsync("select pg_advisory_xact_lock(42)"))
        {
            foreach (var name in Enumerable.Range(1, Nodes).Select(number => $"node{number}"))
            {
                nodes[name] = await scenario.LaunchNodeAsync(name);
            }

            var first = await held.UntilWaitingAsync();
            Assert.True(nodes.Remove(first, out var maker));
            await maker.KillAsync();
            await scenario.Store.EndConnectionsAsync(first);
        }

        await Task.WhenAll(nodes.Values.Select(node => node.UntilReadyAsync()));

        await scenario.RegisterAsync(nodes.Values.First());
        await scenario.Publisher.PublishManyAsync([.. nodes.Values], count: 100, workers: 8);
        await scenario.EndsWithAsync(Bounds.ExactlyOnce);
        Assert.Equal(Nodes - 1, nodes.Values.Count(node => !node.HasExited));
        Assert.Equal(
            await scenario.Store.ScalarAsync<long>("select count(distinct version) from webhook_migrations"),
            await scenario.Store.ScalarAsync<long>("select count(*) from webhook_migrations"));
    }

    [Fact]
    public async Task One_whose_database_is_away_says_so_and_does_not_come_up()
    {
        await using var scenario = await Scenario.StartAsync(report);
        await using var proxy = new TcpProxy(targetPort: 1);
        var node = await scenario.LaunchNodeAsync("a", proxy.Port, environment: null);

        var exitCode = await node.ExitAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"127.0.0.1:{proxy.Port}", node.Output, StringComparison.Ordinal);
    }
}
